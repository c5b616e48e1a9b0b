package pgcluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is whom PostgreSQL runs as: ourselves, or for root somebody else.
type account struct {
	name     string
	uid, gid uint32
	drop     bool // we are root and run as another
}

// chooseAccount takes, for root, the owner of an existing cluster, else postgres,
// else nobody.
func chooseAccount(dataDir string) (account, error) {
	euid := os.Geteuid()
	if euid != 0 {
		return account{name: userName(euid), uid: uint32(euid), gid: uint32(os.Getegid())}, nil //nolint:gosec // ids are 32 bits
	}
	if info, err := os.Stat(dataDir); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
			return account{name: userName(int(st.Uid)), uid: st.Uid, gid: st.Gid, drop: true}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, errU := strconv.ParseUint(u.Uid, 10, 32)
			gid, errG := strconv.ParseUint(u.Gid, 10, 32)
			if errU == nil && errG == nil && uid != 0 {
				return account{name: name, uid: uint32(uid), gid: uint32(gid), drop: true}, nil
			}
		}
	}
	return account{}, &SetupError{
		Kind:   ErrPermission,
		Reason: "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as",
		Remedy: "Create one (useradd --system postgres), or run Waybill as a plain user.",
	}
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "uid " + strconv.Itoa(uid)
}

// command is a program of PostgreSQL's, run as the account, in a session of its
// own so that a Ctrl-C meant for us doesn't stop the database before we drained.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // a program that we looked for
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// environment keeps PG* variables of the caller's shell away from the cluster, and
// has messages in English, since we read some of them.
func environment() []string {
	env := []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// own gives path to the account.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// reach fails with [ErrUnreachable] when the account can't enter dir.
func (a account) reach(ctx context.Context, b Binaries, dir string) error {
	if !a.drop {
		return nil
	}
	// Changing into the directory happens after the change of user, so a
	// program that starts at all proves that both can be reached.
	err := a.command(ctx, dir, b.Path("postgres"), "--version").Run()
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("run %s as %s: %w", b.Path("postgres"), a.name, err)
	}
	culprit := a.barrier(dir)
	if culprit == "" {
		culprit = a.barrier(b.Dir)
	}
	return &SetupError{
		Kind:   ErrUnreachable,
		Reason: fmt.Sprintf("as root, PostgreSQL runs as user %s, who may not enter %s", a.name, culprit),
		Remedy: fmt.Sprintf("Choose a --data-dir elsewhere (such as /var/lib/waybill), let others pass (chmod o+x %s), or run Waybill as a plain user.", culprit),
		Cause:  err,
	}
}

// barrier is the first directory on the way to dir that the account can't enter
// by its mode, or "".
func (a account) barrier(dir string) string {
	parent := filepath.Dir(dir)
	if parent != dir {
		if b := a.barrier(parent); b != "" {
			return b
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return dir
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	search := fs.FileMode(0o001)
	switch {
	case st.Uid == a.uid:
		search = 0o100
	case st.Gid == a.gid:
		search = 0o010
	}
	if info.Mode()&search == 0 {
		return dir
	}
	return ""
}
