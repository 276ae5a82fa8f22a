package chaos

import (
	"os/exec"
	"syscall"
)

// bind has a child end with us, however we end.
func bind(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
