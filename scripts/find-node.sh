# Sourced by scripts of package.json: from here on `node` is one that runs and is new enough, or the script ends and says what
# to do. The checkout brings its own, which needs libatomic.so.1; a slim Debian or Ubuntu does not have that.

is_current() {
  "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number)
    process.exit(major > 22 || (major === 22 && minor >= 18) ? 0 : 1)' 2>/dev/null
}

if ! is_current node; then
  version=$(node --version 2>&1)
  if [ -n "${npm_node_execpath:-}" ] && is_current "$npm_node_execpath"; then
    PATH=$(dirname "$npm_node_execpath"):$PATH
    export PATH
  else
    case $version in
      *libatomic*)
        echo "The Node.js of this checkout needs libatomic.so.1, which this system does not have. Install it, then run this again:"
        echo "  apt-get install libatomic1    (Debian, Ubuntu; dnf install libatomic on Fedora and its kin)"
        ;;
      v*)
        echo "Imprimatur needs Node.js 22.18 or later; this is $version. Without --omit=dev, npm ci brings a current one."
        ;;
      *)
        echo "Node.js does not run here: $version"
        ;;
    esac >&2
    exit 1
  fi
fi
