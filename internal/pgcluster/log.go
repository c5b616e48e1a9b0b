package pgcluster

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// maxLog is how large postgres.log may be when PostgreSQL starts; a larger one
// becomes postgres.log.old.
const maxLog = 8 << 20

// openLog makes sure that the account can write postgres.log, and gives its
// present length.
func (s *server) openLog() (int64, error) {
	path := s.layout.log()
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return 0, fileError(err, path)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, fileError(err, path)
	}
	info, err := file.Stat()
	if err = errors.Join(err, file.Close(), s.account.own(path)); err != nil {
		return 0, fileError(err, path)
	}
	return info.Size(), nil
}

// logSince gives what PostgreSQL has written since, shortened to its end.
func (s *server) logSince(offset int64) string {
	file, err := os.Open(s.layout.log())
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return ""
		}
		return err.Error()
	}
	defer func() { _ = file.Close() }()
	const most = 2 << 10
	if info, err := file.Stat(); err == nil && info.Size()-offset > most {
		offset = info.Size() - most
	}
	text, err := io.ReadAll(io.NewSectionReader(file, offset, most))
	if err != nil {
		return err.Error()
	}
	return "\n" + strings.TrimSpace(string(text))
}
