# The library, the command and the Python package for Nix. Another flake takes this one as an input:
#
#     inputs.fastpyon.url = "git+file:///path/to/fastpyon?dir=packaging/nix";
#
# and adds fastpyon.packages.${system}.python to the packages of an interpreter.
{
  description = "Fast reading and writing of PYON, the text format of ARTIQ and sipyco";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      source = ../..;
      version = builtins.head (builtins.match ".*#define PYON_VERSION \"([^\"]*)\".*"
        (builtins.readFile (source + "/lib/pyon.h")));
      license = nixpkgs.lib.licenses.lgpl3Plus;
    in
    {
      packages = each (pkgs: rec {
        default = python;

        library = pkgs.stdenv.mkDerivation {
          pname = "libpyon";
          inherit version;
          src = source;
          nativeBuildInputs = with pkgs; [ autoconf automake libtool re2c ];
          postPatch = "patchShebangs bootstrap tests";
          preConfigure = "./bootstrap";
          configureFlags = [ "--without-python" "--disable-tool-checks" ];
          meta = { inherit license; mainProgram = "pyon"; };
        };

        python = pkgs.python3Packages.buildPythonPackage {
          pname = "fastpyon";
          inherit version;
          src = source;
          pyproject = true;
          build-system = with pkgs.python3Packages; [ setuptools numpy ];
          nativeBuildInputs = [ pkgs.re2c ];
          dependencies = [ pkgs.python3Packages.numpy ];
          installCheckPhase = "python tests/smoke.py";
          meta = { inherit license; };
        };
      });
    };
}
