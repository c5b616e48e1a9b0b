// Package web holds the pages as `npm run build` made them in dist, embedded: the
// tracking page, the fleet view, the offline basemap, and the gazetteer of places.
// A build of the binary without a build of the pages works; [Built] tells.
package web

import (
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// ErrNotBuilt says that the binary was built without the pages.
var ErrNotBuilt = errors.New("the pages are not built into this binary: run `make web`, then build it again")

//go:embed all:dist
var dist embed.FS

// Files is what was built: pages at the root, what they load under assets. What
// compresses is there only as name.gz.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		// Only for a path that is no path; this one is a constant.
		panic(err)
	}
	return files
}

// Built says whether the pages were built before the binary was.
func Built() bool {
	_, err := fs.Stat(dist, "dist/track.html")
	return err == nil
}

// Places opens the gazetteer: CSV with the header id,name,country,lon,lat (GeoNames,
// CC BY 4.0; degrees). The error is [ErrNotBuilt] when there is none.
func Places() (io.ReadCloser, error) {
	file, err := dist.Open("dist/places.csv.gz")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("open the gazetteer: %w", err)
	}
	text, err := gzip.NewReader(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the gazetteer: %w", err), file.Close())
	}
	return &places{Reader: text, file: file}, nil
}

// places closes the file under the compressed stream too.
type places struct {
	*gzip.Reader
	file fs.File
}

// Close closes both.
func (p *places) Close() error { return errors.Join(p.Reader.Close(), p.file.Close()) }
