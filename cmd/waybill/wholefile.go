package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// writeWhole writes a file beside its place and puts it there when it is whole, so that
// nobody takes a part of it for all. Nobody else may read it: it says where people were.
// A name that ends in .gz gets it compressed.
func writeWhole(path string, write func(w io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := compressed(file, path, write); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}

func compressed(w io.Writer, path string, write func(w io.Writer) error) error {
	if !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return write(w)
	}
	zipped := gzip.NewWriter(w)
	if err := write(zipped); err != nil {
		return err
	}
	return zipped.Close()
}
