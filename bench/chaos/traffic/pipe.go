//go:build unix

package traffic

import "syscall"

func makePipe(path string) error { return syscall.Mkfifo(path, 0o600) }
