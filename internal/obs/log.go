package obs

import (
	"fmt"
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes to w in format "text" or "json", at
// level "debug", "info", "warn" or "error". The level may be changed later, see
// SetLevel.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, *slog.LevelVar, error) {
	at := &slog.LevelVar{}
	if err := SetLevel(at, level); err != nil {
		return nil, nil, err
	}
	opts := &slog.HandlerOptions{Level: at}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), at, nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), at, nil
	}
	return nil, nil, fmt.Errorf("log format is %q, must be text or json", format)
}

// SetLevel sets a level by its name. An error leaves it as it was.
func SetLevel(at *slog.LevelVar, level string) error {
	switch level {
	case "debug":
		at.Set(slog.LevelDebug)
	case "info":
		at.Set(slog.LevelInfo)
	case "warn":
		at.Set(slog.LevelWarn)
	case "error":
		at.Set(slog.LevelError)
	default:
		return fmt.Errorf("log level is %q, must be debug, info, warn or error", level)
	}
	return nil
}
