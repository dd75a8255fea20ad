import importlib.metadata

from importlinter.cli import lint_imports

import vm_mcp
from vm_mcp import errors


def test_every_error_is_public_and_documented_in_the_tree() -> None:
    defined = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert defined == {name for name in vm_mcp.__all__ if name != "__version__"}
    assert all(name in (errors.__doc__ or "") for name in defined)
    assert all(issubclass(getattr(vm_mcp, name), vm_mcp.VmError) for name in defined)


def test_the_version_is_the_packages() -> None:
    assert vm_mcp.__version__ == importlib.metadata.version("vm-mcp")


def test_imports_go_downwards_and_every_library_has_one_door() -> None:
    assert lint_imports() == 0
