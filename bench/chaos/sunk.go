package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"detour/alert"
	"detour/stream"
)

// lineMax bounds a line of a sink's file.
const lineMax = 2 << 20

// sunk waits until the sink has taken what is stored, ends it, and says what of the
// stored messages its file lacks. A sink may write some twice.
func (c *cluster) sunk(ctx context.Context, list []message) (problems []string, err error) {
	if err := insist(ctx, c.taken); err != nil {
		problems = append(problems, err.Error())
	}
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

// taken asks whether the sink's consumer has had, and acked, every alert. What a
// server had sent as it died is sent again only when its ack is overdue.
func (c *cluster) taken(ctx context.Context) error {
	alerts, err := c.js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		return err
	}
	list := alerts.ListConsumers(ctx)
	for info := range list.Info() {
		if n := info.NumPending + uint64(info.NumAckPending); info.Config.Durable != "" && n > 0 {
			err = fmt.Errorf("the sink %s has still to take %d messages", info.Name, n)
		}
	}
	return errors.Join(err, list.Err())
}

func nameOf(a *alert.Alert) string { return fmt.Sprintf("%s.%d", a.ID, a.Revision) }
