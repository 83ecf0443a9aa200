dnl AX_CLIO_WARNINGS: WARN_CFLAGS for our C, errors with --enable-werror.
AC_DEFUN([AX_CLIO_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors, as in CI])],
    [], [enable_werror=no])
  WARN_CFLAGS="-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wmissing-prototypes"
  AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])
