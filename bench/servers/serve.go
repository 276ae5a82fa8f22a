package servers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"detour/internal/natsd"
)

// member is what a child is told, as JSON in its only argument.
type member struct {
	Name  string `json:"name"`
	Dir   string `json:"dir"`
	Port  int    `json:"port"`
	Ports []int  `json:"ports"` // of all members
}

// readyWait is how long a server may take to begin.
const readyWait = 20 * time.Second

// Serve runs one server as arg says, writes its address as a line, and ends when
// in does.
func Serve(ctx context.Context, arg string, in io.Reader, out io.Writer) error {
	var m member
	if err := json.Unmarshal([]byte(arg), &m); err != nil {
		return fmt.Errorf("read what to serve: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	srv, err := natsd.Start(ctx, natsd.Config{
		Dir: m.Dir, Name: m.Name, Port: -1,
		Cluster: &natsd.Cluster{Name: "bench", Port: m.Port, Routes: m.Ports},
	})
	if err != nil {
		return err
	}
	defer srv.Close()
	if _, err := fmt.Fprintln(out, srv.ClientURL()); err != nil {
		return fmt.Errorf("tell address: %w", err)
	}
	_, err = io.Copy(io.Discard, in)
	if err != nil {
		return fmt.Errorf("wait for the parent's end: %w", err)
	}
	return nil
}
