package obs

import "runtime"

// Build returns a Source that says what runs, as which role.
func Build(version, role string) Source {
	return func(emit Emit) { emit(ObsBuild, 1, version, runtime.Version(), role) }
}
