#!/bin/sh
# Unpacks a MySQL server from Debian's unstable release, with the libraries that it needs, into a folder: nothing is installed.
# For the tests of the dialect `mysql` (CONTRIBUTING.md). Needs a Debian with its archive's keys, and 450 MB.
set -eu
[ $# = 1 ] || { echo "usage: scripts/mysql.sh FOLDER, which the user nobody can read" >&2; exit 2; }
mkdir -p "$1/apt/lists/partial" "$1/apt/archives/partial"
folder=$(cd "$1" && pwd)

# From where this machine has its own packages.
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] $mirror unstable main" > "$folder/apt/sources.list"

apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$folder/apt/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$folder/apt/lists" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$folder/apt" -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}
apt update
apt --yes --no-install-recommends --download-only install mysql-server-core
for package in "$folder"/apt/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
rm -r "$folder/apt"

# It brings its own C library, and so the loader of that.
cat > "$folder/mysqld" <<'END'
#!/bin/sh
tree=$(dirname "$(readlink -f "$0")")
libraries=$(echo "$tree"/usr/lib/*-linux-gnu*)
loader=$(echo "$libraries"/ld-linux*.so.*)
exec "$loader" --library-path "$libraries" "$tree/usr/sbin/mysqld" "$@" --basedir="$tree/usr"
END
chmod 755 "$folder/mysqld"
"$folder/mysqld" --no-defaults --version
echo "ROLLCALL_TEST_MYSQLD=$folder/mysqld npm run check -- mysql sql-"
