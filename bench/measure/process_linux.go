package measure

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// prSetChildSubreaper is PR_SET_CHILD_SUBREAPER of prctl(2).
const prSetChildSubreaper = 36

// aside starts its arguments beside the shell, says their process number and
// ends. They wait until the shell is gone (descriptor 4 ends),
// or it could be the one to collect them.
const aside = `{ read go <&4; exec "$@" 3>&- 4<&-; } & echo $! >&3`

// run starts the program from a shell that ends at once, and waits for it as
// its new parent. Started directly, it would be charged with the memory of this
// process: Linux counts into the peak of a process what it shared with its
// parent until it became another program.
func run(ctx context.Context, out *os.File, argv []string) (Usage, error) {
	pid, err := startAside(out, argv)
	if err != nil {
		return Usage{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	defer stop()
	var status syscall.WaitStatus
	var r syscall.Rusage
	for {
		_, err = syscall.Wait4(pid, &status, 0, &r)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		return Usage{}, fmt.Errorf("wait: %w", err)
	}
	if status.Signaled() && ctx.Err() == nil {
		return Usage{}, fmt.Errorf("ended by %v", status.Signal())
	}
	return Usage{
		CPU:  time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		Peak: uint64(r.Maxrss) << 10,
		Exit: status.ExitStatus(),
	}, nil
}

// startAside returns the number of a process that is this one's to wait for.
func startAside(out *os.File, argv []string) (pid int, err error) {
	if _, _, e := syscall.Syscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); e != 0 {
		return 0, fmt.Errorf("take over orphans: %w", e)
	}
	number, say, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer number.Close()
	wait, start, err := os.Pipe()
	if err != nil {
		say.Close()
		return 0, err
	}
	defer start.Close() // only now the program begins
	sh := exec.Command("/bin/sh", append([]string{"-c", aside, "sh"}, argv...)...)
	sh.Stdout = out
	sh.ExtraFiles = []*os.File{say, wait}
	err = sh.Run()
	say.Close()
	wait.Close()
	if err != nil {
		return 0, fmt.Errorf("start: %w", err)
	}
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("read process number: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(line))
}
