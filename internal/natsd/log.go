package natsd

import (
	"fmt"
	"log/slog"
)

// logger passes the server's warnings and errors to slog.
type logger struct{ log *slog.Logger }

func (l logger) Warnf(f string, v ...any)  { l.log.Warn(fmt.Sprintf(f, v...), "component", "nats") }
func (l logger) Errorf(f string, v ...any) { l.log.Error(fmt.Sprintf(f, v...), "component", "nats") }

func (l logger) Fatalf(f string, v ...any) { l.log.Error(fmt.Sprintf(f, v...), "component", "nats") }

func (logger) Noticef(string, ...any) {}
func (logger) Debugf(string, ...any)  {}
func (logger) Tracef(string, ...any)  {}
