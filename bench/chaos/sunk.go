package chaos

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"detour/alert"
)

// lineMax bounds a line of a sink's file.
const lineMax = 2 << 20

// sunk ends the sink and says what of the stored messages its file lacks. A sink
// may write some twice.
func (c *cluster) sunk(list []message) (problems []string, err error) {
	if err := c.sink.end(); err != nil {
		return nil, err
	}
	f, err := os.Open(c.sinkFile())
	if err != nil {
		return nil, fmt.Errorf("read what the sink wrote: %w", err)
	}
	defer f.Close()
	written := map[string]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, lineMax)
	for lines.Scan() {
		var a alert.Alert
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			problems = append(problems, "the sink wrote a line that is no alert")
			continue
		}
		written[nameOf(&a)] = true
	}
	missing := 0
	for i := range list {
		if !written[nameOf(list[i].alert)] {
			missing++
		}
	}
	if missing > 0 {
		problems = append(problems, fmt.Sprintf("the sink has not written %d of %d messages", missing, len(list)))
	}
	return problems, lines.Err()
}

func nameOf(a *alert.Alert) string { return fmt.Sprintf("%s.%d", a.ID, a.Revision) }
