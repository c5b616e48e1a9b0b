package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"waybill/gateway/modem"
	"waybill/gateway/modem/watch"
	gatewaypg "waybill/gateway/postgres"
	gatewayrpc "waybill/gateway/rpc"
	"waybill/internal/ops"
	gatewayv1 "waybill/proto/waybill/gateway/v1"
)

// modems makes the pool of GSM modems, and what puts long texts together.
func (p *process) modems(intake modem.Intake, long modem.LongTexts, outbox *outbox) (*modem.Pool, error) {
	metrics, err := modem.NewMetrics(p.metrics)
	if err != nil {
		return nil, err
	}
	dir, err := p.globals.dataDir()
	if err != nil {
		return nil, err
	}
	s := p.settings.Modem
	pins, err := modem.ParsePINs(s.PIN)
	if err != nil {
		return nil, usageError{"--modem-pin: " + err.Error()}
	}
	// Also without a modem: parts that another process has kept may wait.
	assembler := modem.NewAssembler(modem.AssemblerConfig{Store: long, Handler: intake, Wait: s.PartsWait, Logger: p.log})
	p.add("long texts", assembler.Run)
	pool, err := modem.NewPool(modem.PoolConfig{
		Paths: s.Path, Baud: s.Baud,
		Modem: modem.Config{
			Handler: intake, Parts: assembler, Reports: outbox.reports, Keys: pins, PINs: modem.PINFiles{Folder: filepath.Join(dir, "modem-pins")},
			SweepInterval: s.Sweep, NetworkWait: s.NetworkWait, Metrics: metrics, Logger: p.log,
		},
	})
	if err != nil {
		return nil, usageError{"--modem-path: " + err.Error()}
	}
	return pool, p.watch(pool)
}

// watch runs the pool, has what is wrong with its modems told, and serves that. Without modems it ends what earlier ones
// have left.
func (p *process) watch(pool *modem.Pool) error {
	s := p.settings.Modem
	host := s.Host
	if host == "" {
		var err error
		if host, err = os.Hostname(); err != nil {
			return fmt.Errorf("this machine has no name; give alerts of modems one with --modem-host: %w", err)
		}
	}
	alerts := gatewaypg.NewModemAlerts(p.store.pool)
	watcher := watch.New(watch.Config{
		Gateway: host, Pool: pool, Store: alerts, Logger: p.log, Limits: watch.Limits{FullAt: s.Full, WeakAt: s.Weak},
	}, p.metrics)
	gatewayv1.RegisterAlertServiceServer(p.rpc, gatewayrpc.NewAlertServer(alerts, p.log))
	p.add("alerts of modems", watcher.Run)
	if len(s.Path) == 0 {
		return nil
	}
	p.add("modems", pool.Run)
	p.checks = append(p.checks, ops.Check{
		Name: "modems", Probe: func(context.Context) error { return pool.Check() },
		Notes: func() []string { return append(pool.Deaf(), watcher.Notes()...) },
	})
	return nil
}
