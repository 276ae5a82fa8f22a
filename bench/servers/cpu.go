package servers

import (
	"time"

	"detour/internal/cputime"
)

// CPU returns the processor time of all servers so far, 0 where the system does
// not tell.
func (c *Cluster) CPU() (sum time.Duration) {
	for _, ch := range c.children {
		used, ok := cputime.Of(ch.cmd.Process.Pid)
		if !ok {
			return 0
		}
		sum += used
	}
	return sum
}
