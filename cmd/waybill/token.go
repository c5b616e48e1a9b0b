package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"waybill/internal/access"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Issue a token. Its secret is shown this once."`
	List   tokenListCommand   `cmd:"" help:"List tokens, without their secrets."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token at once."`
}

type tokenCreateCommand struct {
	Role     string        `env:"-" help:"What the bearer may do: admin, dispatcher, analyst, service, customer, device, peer." required:""`
	Customer string        `env:"-" help:"The customer, for the role customer: customers/acme." placeholder:"NAME"`
	Device   string        `env:"-" help:"The device, for the role device: devices/van-7." placeholder:"NAME"`
	Name     string        `env:"-" help:"What it is for, so that one knows later."`
	For      time.Duration `env:"-" help:"How long it holds; for ever when not given." placeholder:"720h"`
	JSON     bool          `env:"-" help:"Print for a program to read." name:"json"`
}

// Run issues a token and prints its secret.
func (cmd tokenCreateCommand) Run(g *Globals, c *console, env *environment) error {
	role, err := access.ParseRole(cmd.Role)
	if err != nil {
		return usageError{err.Error()}
	}
	t := access.Token{Role: role, Customer: cmd.Customer, Device: cmd.Device, DisplayName: cmd.Name}
	if cmd.For > 0 {
		t.ExpireTime = time.Now().Add(cmd.For)
	}
	if err := t.Validate(time.Now()); err != nil {
		return usageError{err.Error()}
	}
	return g.withNewStore(env.ctx, c.log, func(s *store) error {
		created, secret, err := access.NewStore(s.pool).Create(env.ctx, t)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return json.NewEncoder(c.out).Encode(map[string]string{"token": "tokens/" + created.ID, "role": string(role), "secret": secret})
		}
		c.printf("%s\n", secret)
		c.log.Info("token issued; it is not shown again", "token", "tokens/"+created.ID, "role", string(role))
		return nil
	})
}

type tokenListCommand struct {
	JSON bool `env:"-" help:"Print for a program to read, a token a line." name:"json"`
}

// Run lists all tokens.
func (cmd tokenListCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		tokens := access.NewStore(s.pool)
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		if !cmd.JSON {
			_, _ = fmt.Fprintln(table, "TOKEN\tROLE\tFOR\tNAME\tISSUED\tSTATE")
		}
		const page = 200
		for after := ""; ; {
			list, err := tokens.List(env.ctx, after, page)
			if err != nil {
				return err
			}
			for _, t := range list {
				if cmd.JSON {
					if err := json.NewEncoder(c.out).Encode(t); err != nil {
						return err
					}
					continue
				}
				_, _ = fmt.Fprintf(table, "tokens/%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Role, t.Customer+t.Device, t.DisplayName,
					t.CreateTime.UTC().Format(time.DateTime), tokenState(t, time.Now()))
			}
			if len(list) < page {
				return table.Flush()
			}
			after = list[len(list)-1].ID
		}
	})
}

func tokenState(t access.Token, now time.Time) string {
	switch {
	case !t.RevokeTime.IsZero():
		return "revoked " + t.RevokeTime.UTC().Format(time.DateTime)
	case t.ExpireTime.IsZero():
		return "holds"
	case t.ExpireTime.Before(now):
		return "expired " + t.ExpireTime.UTC().Format(time.DateTime)
	default:
		return "holds until " + t.ExpireTime.UTC().Format(time.DateTime)
	}
}

type tokenRevokeCommand struct {
	Token string `arg:"" help:"Its name, as the list shows it: tokens/1a2b3c4d5e."`
}

// Run ends a token.
func (cmd tokenRevokeCommand) Run(g *Globals, c *console, env *environment) error {
	return g.withStore(env.ctx, c.log, func(s *store) error {
		t, err := access.NewStore(s.pool).Revoke(env.ctx, trimName(cmd.Token, "tokens/"))
		if err != nil {
			return fmt.Errorf("%s: %w; `waybill token list` shows them", cmd.Token, err)
		}
		c.printf("tokens/%s: %s\n", t.ID, tokenState(t, time.Now()))
		return nil
	})
}
