// Package detour is empty; the root holds the tests of the whole house.
package detour
