#!/bin/sh
# deb.sh TREE VERSION OUTPUT - makes a Debian package of a configured and built TREE (prefix /usr) with plain
# dpkg-deb: installs into a folder, strips, lets dpkg-shlibdeps find what it depends on. Run by `make deb`.
set -eu
tree=$(cd "$1" && pwd) version=$2 output=$(cd "$3" && pwd)
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-Clio maintainers} <${DEBEMAIL:-maintainers@clio.invalid}>"
stage=$tree/deb
root=$stage/root
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$tree/CHANGELOG.md")}

rm -rf "$stage"
mkdir -p "$root/DEBIAN" "$stage/debian"
make -s -C "$tree" install-strip DESTDIR="$root" >"$stage/install.log" 2>&1 || {
  tail -20 "$stage/install.log"
  exit 1
}
find "$root" -name '*.la' -delete
find "$root/usr/lib" -name '*.a' -exec strip --strip-debug --remove-section=.comment --remove-section=.note {} +
find "$root/usr/lib" -name '*.so' -exec chmod 644 {} +
find "$root/usr/share/man" -type f -exec gzip -9n {} +

doc=$root/usr/share/doc/clio
mkdir -p "$doc"
install -m 644 "$tree/README.md" "$tree/ARCHITECTURE.md" "$doc/"
gzip -9nc "$tree/CHANGELOG.md" >"$doc/changelog.gz"
gzip -9n >"$doc/changelog.Debian.gz" <<END
clio ($version-1) unstable; urgency=medium

  * What changed is in changelog.gz.

 -- $maintainer  $(date -uRd "@$SOURCE_DATE_EPOCH")
END
cat >"$doc/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: clio

Files: *
Copyright: $(date -ud "@$SOURCE_DATE_EPOCH" +%Y) the Clio authors
License: Apache-2.0
 On Debian systems the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
END

# dpkg-shlibdeps wants a debian/control to stand beside.
printf 'Source: clio\n\nPackage: clio\nArchitecture: any\n' >"$stage/debian/control"
depends=$(cd "$stage" && find root/usr/bin root/usr/lib -type f \( -name clio -o -name '*.so' \) |
  sort | sed 's/^/-e/' | xargs dpkg-shlibdeps --ignore-missing-info -xclio -O 2>"$stage/shlibdeps.log" |
  sed 's/^shlibs:Depends=//')
[ -n "$depends" ] || {
  cat "$stage/shlibdeps.log"
  exit 1
}
cat >"$root/DEBIAN/control" <<END
Package: clio
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Section: science
Priority: optional
Description: shows how people use an AI assistant, and nobody's conversations
 Clio runs a graph of stages over conversations: it samples them, extracts
 facets, writes a redacted summary of each request, clusters and names them, and
 releases a tree of clusters that no small group can be read out of.
 .
 This package holds the program, its bundled stages, and the header and the
 test bench for writing stages.
END
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
chmod 644 "$root/DEBIAN/control" "$root/DEBIAN/md5sums"
dpkg-deb --root-owner-group -Zxz --build "$root" "$output/clio_$version-1_$architecture.deb"
