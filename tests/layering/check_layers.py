"""Fails when a file includes from a folder that its own folder may not know (layers.txt)."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
TOPS = ("engine", "models", "output")


def read_layers(text):
    layers = {}
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words:
            layers[words[0]] = set(words[1:]) | {words[0]}
    return layers


def layer_of(path, layers):
    fits = [name for name in layers if path.startswith(name + "/")]
    return max(fits, key=len) if fits else None


def cycle_in(layers):
    """A path of layers that leads back to its start, or None; a table that allows one is wrong itself."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        path.append(name)
        for other in sorted(layers[name] - {name, "*"}):
            found = visit(other)
            if found:
                return found
        path.pop()
        done.add(name)
        return None

    return next((found for name in layers if (found := visit(name))), None)


def violations(root, layers):
    found = []
    sources = [p for top in TOPS for p in (root / top).rglob("*") if p.suffix in (".hpp", ".cpp")]
    for source in sorted(sources):
        path = source.relative_to(root).as_posix()
        here = layer_of(path, layers)
        if here is None:
            found.append(f"{path}:1: belongs to no row of layers.txt")
            continue
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match[1]
            if not target.startswith(tuple(top + "/" for top in TOPS)):
                found.append(f'{path}:{number}: "{target}" is not written from the root')
                continue
            there = layer_of(target, layers)
            if there is None or (there not in layers[here] and "*" not in layers[here]):
                found.append(f"{path}:{number}: {here} may not include {there or target}")
    return found


def main(root, table):
    layers = read_layers(pathlib.Path(table).read_text(encoding="utf-8"))
    unknown = sorted({d for deps in layers.values() for d in deps} - set(layers) - {"*"})
    problems = [f"{table}: '{name}' is allowed to others but has no row" for name in unknown]
    if not unknown and (cycle := cycle_in(layers)):
        problems.append(f"{table}: a cycle: {' -> '.join(cycle)}")
    problems += violations(pathlib.Path(root), layers)
    print("\n".join(problems) or "layers hold")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
