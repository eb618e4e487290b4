"""How well the engine's tests hold it: mutants of its code, made by mutmut."""
