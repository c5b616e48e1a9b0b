package main

import (
	"io"
	"os"

	"waybill/crm/place"
	"waybill/web"
)

type importCommand struct {
	Places importPlacesCommand `cmd:"" help:"Read places, by which vehicles' positions are put in words."`
}

type importPlacesCommand struct {
	File string `arg:"" optional:"" help:"CSV with the columns id, name, country, lon, lat and, if there are, name_zh and so on. The gazetteer that the program carries (GeoNames, CC BY 4.0) when not given." type:"existingfile"`
}

// Run reads the places; reading them twice changes nothing.
func (cmd importPlacesCommand) Run(g *Globals, c *console, env *environment) error {
	var (
		file io.ReadCloser
		err  error
	)
	if cmd.File == "" {
		file, err = web.Places()
	} else {
		file, err = os.Open(cmd.File)
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return g.withNewStore(env.ctx, c.log, func(s *store) error {
		n, err := place.NewStore(s.pool).Import(env.ctx, file)
		if err != nil {
			return err
		}
		c.printf("%d places are known now\n", n)
		return nil
	})
}
