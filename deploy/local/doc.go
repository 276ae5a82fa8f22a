// Package local is the scripts up and down, which run a whole detour on the
// loopback, and their test.
//
// They own the folder that they are given and the processes that they started
// there. They must not end or change anything else. People and the chaos tests
// call them; the package has no code but its test.
package local
