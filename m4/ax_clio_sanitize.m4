dnl AX_CLIO_SANITIZE: --enable-sanitize=address,undefined or =thread.
AC_DEFUN([AX_CLIO_SANITIZE], [
  AC_ARG_ENABLE([sanitize],
    [AS_HELP_STRING([--enable-sanitize=LIST], [build with sanitizers: address,undefined or thread])],
    [], [enable_sanitize=no])
  SANITIZE_CFLAGS=
  AS_IF([test "$enable_sanitize" != no],
    [SANITIZE_CFLAGS="-fsanitize=$enable_sanitize -fno-omit-frame-pointer -fno-sanitize-recover=undefined"])
  AC_SUBST([SANITIZE_CFLAGS])
  AM_CONDITIONAL([SANITIZE], [test "$enable_sanitize" != no])
])
