package crmhttp

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// assets serves what pages load. Its names change with its content, so browsers may
// keep it for ever. What compresses is stored compressed, and handed out so.
func assets(pages fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		file, compressed, err := openAsset(pages, name)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
			noAsset(w, name)
			return
		case err != nil:
			writeError(w, err)
			return
		}
		defer file.Close() //nolint:errcheck // Nothing was written to it.
		header := w.Header()
		header.Set("Content-Type", contentType(name))
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		var body io.Reader = file
		if compressed {
			header.Set("Vary", "Accept-Encoding")
			if acceptsGzip(r) {
				header.Set("Content-Encoding", "gzip")
			} else if body, err = gzip.NewReader(file); err != nil {
				writeError(w, err)
				return
			}
		}
		// A reader that went away is no error of ours.
		_, _ = io.Copy(w, body) //nolint:gosec // What it unpacks was packed by our own build.
	})
}

// openAsset opens the file, or its compressed form.
func openAsset(pages fs.FS, name string) (file fs.File, compressed bool, err error) {
	if file, err = pages.Open(name + ".gz"); err == nil {
		return file, true, nil
	}
	if file, err = pages.Open(name); err != nil {
		return nil, false, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, false, errors.Join(err, file.Close())
	}
	return file, false, nil
}

// noAsset answers for what is not there. An empty piece of the basemap, the open sea,
// has no file, and is no error to the map.
func noAsset(w http.ResponseWriter, name string) {
	if strings.HasPrefix(name, "assets/basemap-") && strings.HasSuffix(name, ".pbf") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "no such asset; load the page again", http.StatusNotFound)
}

func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".pbf":
		return "application/x-protobuf"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") && strings.TrimSpace(quality) != "q=0" {
			return true
		}
	}
	return false
}
