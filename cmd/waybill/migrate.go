package main

import (
	"waybill/internal/database"
	"waybill/migrations"
)

type migrateCommand struct{}

// Run brings the schema up to date and says which version it has.
func (migrateCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withNewStore(env.ctx, c.log, func(s *store) error {
		have, _, err := database.Versions(env.ctx, s.pool, migrations.FS, c.log)
		if err != nil {
			return err
		}
		c.printf("The schema is at version %d.\n", have)
		return nil
	})
}
