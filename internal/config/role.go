package config

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a process does, and by which rights on NATS.
type Role string

// The roles. RoleAdmin is that of the commands which look after streams and the
// cluster. RoleNone asks for nothing.
const (
	RoleNone    Role = ""
	RoleIngest  Role = "ingest"
	RoleProcess Role = "process"
	RoleSink    Role = "sink"
	RoleRun     Role = "run"
	RoleAdmin   Role = "admin"
)

// Roles lists all roles but RoleNone.
func Roles() []Role { return []Role{RoleIngest, RoleProcess, RoleSink, RoleRun, RoleAdmin} }

// ParseRole reads the name of a role.
func ParseRole(name string) (Role, error) {
	if r := Role(name); r == RoleNone || slices.Contains(Roles(), r) {
		return r, nil
	}
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return RoleNone, fmt.Errorf("%q is no role: it must be one of %s", name, strings.Join(names, ", "))
}
