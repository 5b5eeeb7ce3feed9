"""The laws of the house: who may import whom, how long things may be, what is not written."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import pytest

from symloss.core.op import OPS

REPOSITORY = Path(__file__).resolve().parent.parent
HOUSE = REPOSITORY / "symloss"

FLOORS = {
    "core": 1,
    "declare": 2,
    "ops": 2,
    "printing": 2,
    "compiler": 2,
    "calculus": 3,
    "rewrite": 3,
    "derivation": 4,
    "losses": 4,
    "function": 5,
    "testing": 5,
    "nonlinearities": 5,
    "optimizers": 5,
    "compat": 5,
    "__init__": 5,
}
CORE_ONLY = {"printing", "compiler"}
ON_THE_SAME_FLOOR = {("calculus", "rewrite")}
LOADED_LAZILY = {
    "difflib",
    "sympy",
    "networkx",
    "mpmath",
    "scipy",
    "sklearn",
    "matplotlib",
    "tqdm",
    "inspect",
}
LOADED_AT_ONCE = set(sys.stdlib_module_names) | {"numpy"}
TYPE_CHECKING = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
LONGEST_FUNCTION, LONGEST_FILE = 40, 400
UNWANTED = re.compile(r"\b(?:TODO|FIXME|NotImplementedError)\b|type:\s*ignore")

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


# What a tree says ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Import:
    importer: str
    imported: str
    line: int
    in_function: bool
    for_types: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def modules(root: Path) -> dict[str, Path]:
    """Dotted name to file, for every module below the package at `root`."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path) -> list[Import]:
    """Every import statement, and every import_module("...") call, below `root`."""
    known = modules(root)
    return [one for name, path in known.items() for one in imports_of(name, path, known)]


def imports_of(name: str, path: Path, known: dict[str, Path]) -> Iterator[Import]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    todo = [(parse(path), False, False)]
    while todo:
        node, in_function, for_types = todo.pop()
        for imported in imported_names(node, package, known):
            yield Import(name, imported, node.lineno, in_function, for_types)
        in_function = in_function or isinstance(node, FunctionNode | ast.Lambda)
        guarded = isinstance(node, ast.If) and ast.unparse(node.test) in TYPE_CHECKING
        for child in ast.iter_child_nodes(node):
            types = guarded and child in node.body
            todo.append((child, in_function, for_types or types))


def imported_names(node: ast.AST, package: str, known: dict[str, Path]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        inner = [f"{base}.{alias.name}" for alias in node.names]
        return sorted({one if one in known else base for one in inner})
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = ast.unparse(node.func).rpartition(".")[2]
        return [str(node.args[0].value)] if called in {"import_module", "__import__"} else []
    return []


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def part(module: str) -> str:
    """The room of the house in which a module stands: the name that has a floor."""
    return [*module.split("."), "__init__"][1]


# The laws: each returns what breaks it ------------------------------------------------------------
def homeless(root: Path) -> list[str]:
    return [name for name in modules(root) if part(name) not in FLOORS]


def inside(root: Path) -> list[Import]:
    """The imports of one part of the house by another."""
    own = [one for one in imports(root) if one.imported.split(".")[0] == root.name]
    return [one for one in own if part(one.importer) != part(one.imported)]


def upward(root: Path) -> list[str]:
    return [str(one) for one in inside(root) if not may_import(part(one.importer), one.imported)]


def may_import(importer: str, imported: str) -> bool:
    above, below = FLOORS.get(importer, 0), FLOORS.get(part(imported), 9)
    on_top = above == below == FLOORS["__init__"]
    return above > below or on_top or (importer, part(imported)) in ON_THE_SAME_FLOOR


def not_of_core(root: Path) -> list[str]:
    readers = [one for one in inside(root) if part(one.importer) in CORE_ONLY]
    return [str(one) for one in readers if part(one.imported) != "core"]


def cycles(root: Path) -> list[list[str]]:
    known = modules(root)
    graph = nx.DiGraph(
        (one.importer, one.imported) for one in imports(root) if one.imported in known and not one.for_types
    )
    return [sorted(ring) for ring in nx.strongly_connected_components(graph) if len(ring) > 1]


def hidden(root: Path) -> list[str]:
    inner = [one for one in imports(root) if one.in_function]
    return [str(one) for one in inner if one.imported.split(".")[0] not in LOADED_LAZILY]


def eager(root: Path) -> list[str]:
    outer = [one for one in imports(root) if not one.in_function and not one.for_types]
    return [str(one) for one in outer if one.imported.split(".")[0] not in {*LOADED_AT_ONCE, root.name}]


def long_files(root: Path) -> list[str]:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files(root)}
    return [f"{path.relative_to(root)}: {n}" for path, n in sizes.items() if n > LONGEST_FILE]


def long_functions(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}:{node.lineno} {node.name}: {length(node)}"
        for path in files(root)
        for node in ast.walk(parse(path))
        if isinstance(node, FunctionNode) and length(node) > LONGEST_FUNCTION
    ]


def length(function: FunctionNode) -> int:
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    docstring = first.end_lineno - first.lineno + 1 if has_docstring else 0
    return function.end_lineno - function.lineno + 1 - docstring


def unwanted(root: Path) -> list[str]:
    found = []
    for path in files(root):
        lines = path.read_text(encoding="utf-8").splitlines()
        numbers = {n for n, line in enumerate(lines, 1) if UNWANTED.search(line)}
        numbers |= {node.lineno for node in ast.walk(parse(path)) if isinstance(node, ast.Assert)}
        found += [f"{path.relative_to(root)}:{n} {lines[n - 1].strip()}" for n in sorted(numbers)]
    return found


def named_ops(root: Path, names: set[str]) -> list[str]:
    """The texts in printing and compiler that are the name of an operation; an option may be to raise."""
    return [
        f"{path.relative_to(root)}:{node.lineno} {node.value}"
        for path in files(root)
        if path.relative_to(root).parts[0] in CORE_ONLY
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Constant) and node.value in names - {"raise"}
    ]


def loaded_by_import(root: Path, packages: set[str]) -> list[str]:
    """Which of `packages` a fresh interpreter has loaded after importing the package at `root`."""
    code = f"import json, sys, {root.name}; print(json.dumps(sorted({packages!r} & {{*sys.modules}})))"
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, cwd=root.parent, capture_output=True, text=True, check=True)
    return list(json.loads(run.stdout))


def files(root: Path) -> list[Path]:
    return list(modules(root).values())


# The house keeps them -----------------------------------------------------------------------------
def test_every_module_has_a_floor():
    assert homeless(HOUSE) == []


def test_imports_run_down_the_floors():
    assert upward(HOUSE) == []


def test_printing_and_compiler_import_only_core():
    assert not_of_core(HOUSE) == []


def test_printing_and_compiler_name_no_operation():
    assert named_ops(HOUSE, {*OPS}) == []


def test_no_imports_run_in_a_circle():
    assert cycles(HOUSE) == []


def test_only_lazy_packages_are_imported_inside_functions():
    assert hidden(HOUSE) == []


def test_modules_import_at_once_only_numpy_and_the_standard_library():
    assert eager(HOUSE) == []


def test_no_file_is_longer_than_400_lines():
    assert long_files(HOUSE) == []


def test_no_function_is_longer_than_40_lines_without_its_docstring():
    assert long_functions(HOUSE) == []


def test_nothing_is_left_undone_asserted_or_hidden_from_the_type_checker():
    assert unwanted(HOUSE) == []


def test_importing_symloss_loads_no_package_but_numpy():
    assert loaded_by_import(HOUSE, {"sympy", "networkx", "mpmath", "scipy", "sklearn"}) == []


def test_three_packages_are_needed_at_run_time():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^\w-]", one)[0] for one in project["dependencies"]}
    assert names == {"numpy", "sympy", "networkx"}


# And each law notices when it is broken -----------------------------------------------------------
SOUND = {
    "__init__.py": "from .function import function\n",
    "core/__init__.py": "",
    "core/expr.py": "import numpy as np\n",
    "ops/__init__.py": "from ..core.expr import np\n",
    "printing/text.py": "from ..core import expr\n",
    "rewrite/engine.py": "from ..core.expr import np\nfrom .. import ops\n",
    "calculus/sweep.py": "from ..rewrite.engine import np\n",
    "function.py": "from .calculus import sweep\n\ndef function():\n    import sympy\n",
}


@pytest.fixture
def build(tmp_path):
    """A function that writes a small sound house, changed as told, and returns its root."""

    def write(changes: dict[str, str]) -> Path:
        root = tmp_path / "symloss"
        for name, text in {**SOUND, **changes}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    return write


LAWS = [
    homeless,
    upward,
    not_of_core,
    cycles,
    hidden,
    eager,
    long_files,
    long_functions,
    unwanted,
]


@pytest.mark.parametrize("law", LAWS)
def test_a_sound_house_breaks_no_law(build, law):
    assert law(build({})) == []


@pytest.mark.parametrize(
    ("file", "text", "broken"),
    [
        ("cellar.py", "", "symloss.cellar"),
        ("cellar/stairs.py", "", "symloss.cellar.stairs"),
    ],
)
def test_a_module_without_a_floor_is_noticed(build, file, text, broken):
    assert homeless(build({file: text})) == [broken]


@pytest.mark.parametrize(
    ("file", "text", "target"),
    [
        ("core/walk.py", "from .. import ops\n", "symloss.ops"),
        ("core/walk.py", "import symloss.ops\n", "symloss.ops"),
        ("core/walk.py", "from symloss import ops\n", "symloss.ops"),
        (
            "core/walk.py",
            "def f():\n    from ..rewrite.engine import np\n",
            "symloss.rewrite.engine",
        ),
        ("core/walk.py", "if TYPE_CHECKING:\n    from .. import ops\n", "symloss.ops"),
        ("core/walk.py", "f = lambda: import_module('symloss.ops')\n", "symloss.ops"),
        ("core/walk.py", "from symloss import function\n", "symloss.function"),
        ("core/walk.py", "from .. import missing\n", "symloss"),
        ("ops/layout.py", "from ..calculus.sweep import np\n", "symloss.calculus.sweep"),
        ("ops/layout.py", "from ..printing import text\n", "symloss.printing.text"),
        ("rewrite/rule.py", "from ..calculus import sweep\n", "symloss.calculus.sweep"),
        ("losses/margin.py", "from ..function import function\n", "symloss.function"),
    ],
)
def test_an_import_up_the_floors_is_noticed(build, file, text, target):
    importer = "symloss." + file.removesuffix(".py").replace("/", ".")
    line = text.count("\n")
    assert upward(build({file: text})) == [f"{importer}:{line} imports {target}"]


@pytest.mark.parametrize("reader", ["printing", "compiler"])
def test_a_printer_or_compiler_that_names_an_op_is_noticed(build, reader):
    root = build({f"{reader}/more.py": "from ..core import expr\nfrom .. import ops\n"})
    assert not_of_core(root) == [f"symloss.{reader}.more:2 imports symloss.ops"]


@pytest.mark.parametrize("reader", ["printing", "compiler"])
def test_the_name_of_an_operation_in_a_printer_or_compiler_is_noticed(build, reader):
    root = build({f"{reader}/more.py": "def f(op):\n    return op.name == 'exp' or op == 'raise'\n"})
    assert named_ops(root, {"exp", "raise"}) == [f"{reader}/more.py:2 exp"]


@pytest.mark.parametrize(
    "back",
    ["from . import expr\n", "def f():\n    from .expr import np\n", "import symloss.core.expr\n"],
)
def test_a_circle_of_imports_is_noticed(build, back):
    root = build({"core/expr.py": "from .walk import f\n", "core/walk.py": back})
    assert cycles(root) == [["symloss.core.expr", "symloss.core.walk"]]


def test_imports_for_types_make_no_circle(build):
    types = "if TYPE_CHECKING:\n    from .expr import np\nelse:\n    import re\n"
    assert cycles(build({"core/expr.py": "from . import walk\n", "core/walk.py": types})) == []


@pytest.mark.parametrize("package", ["numpy", "symloss.ops", "functools"])
def test_an_import_hidden_in_a_function_is_noticed(build, package):
    root = build({"testing.py": f"class A:\n    def f(self):\n        import {package}\n"})
    assert hidden(root) == [f"symloss.testing:3 imports {package}"]


@pytest.mark.parametrize("package", ["sympy", "networkx", "scipy.special", "torch"])
def test_an_extra_that_is_imported_at_once_is_noticed(build, package):
    root = build({"testing.py": f"try:\n    import {package}\nexcept ImportError:\n    pass\n"})
    assert eager(root) == [f"symloss.testing:2 imports {package}"]


def test_a_long_file_is_noticed(build):
    root = build({"testing.py": "x = 1\n" * 401, "function.py": "x = 1\n" * 400})
    assert long_files(root) == ["testing.py: 401"]


def test_a_long_function_is_noticed(build):
    body, docstring = "    x = 1\n", '    """One.\n\n    Two.\n    """\n'
    longest = "def f():\n" + docstring + body * 39
    assert long_functions(build({"testing.py": longest})) == []
    assert long_functions(build({"testing.py": longest + body})) == ["testing.py:1 f: 41"]


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # TODO: two",
        "# FIXME",
        "raise NotImplementedError",
        "assert True",
        "x = f()  # type: ignore[arg-type]",
    ],
)
def test_what_is_unwanted_is_noticed(build, line):
    assert unwanted(build({"testing.py": f"y = NotImplemented\n{line}\n"})) == [f"testing.py:2 {line}"]


def test_loading_sympy_at_import_is_noticed(build):
    root = build({"core/expr.py": "import sympy\nnp = sympy\n"})
    (root.parent / "sympy.py").write_text("", encoding="utf-8")
    assert loaded_by_import(root, {"sympy", "networkx"}) == ["sympy"]
