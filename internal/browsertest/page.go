package browsertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Look is how a page is shown. The zero value is a desk with a light page in
// English.
type Look struct {
	// Width and Height are in CSS pixels: 1280 by 800 when zero.
	Width, Height int64
	Dark          bool
	// Language is what the browser prefers, a BCP 47 tag.
	Language string
	// Zone is the reader's IANA zone; UTC when empty.
	Zone string
	// Still asks for reduced motion.
	Still bool
}

// Phone is a look of a phone's size.
func Phone() Look { return Look{Width: 390, Height: 844} }

// Page is an open page.
type Page struct {
	t     testing.TB
	close context.CancelFunc
	ctx   context.Context //nolint:containedctx // chromedp keeps the tab in it.

	mu       sync.Mutex
	problems []string        // guarded by mu
	hosts    map[string]bool // guarded by mu
}

// Open opens the address in a tab of its own, closed with the test.
func (b *Browser) Open(t testing.TB, address string, look Look) *Page {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx)
	t.Cleanup(closeTab)
	p := &Page{t: t, ctx: ctx, close: closeTab, hosts: make(map[string]bool)}
	// The first call makes the tab, which lives as long as the context of that call.
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("browsertest: open a tab: %v", err)
	}
	p.Do(call(log.Enable, cdp.Empty{}), call(network.Enable, network.EnableParams{}), look.action(), chromedp.Navigate(address))
	return p
}

// Close closes the tab before its test ends. Over HTTP/1.1 a browser opens six
// connections to a host, and each page with a live stream keeps one.
func (p *Page) Close() { p.close() }

func (l Look) action() chromedp.Action[chromedp.Void] {
	if l.Width == 0 {
		l.Width, l.Height = 1280, 800
	}
	if l.Language == "" {
		l.Language = "en-GB"
	}
	if l.Zone == "" {
		l.Zone = "UTC"
	}
	scheme, motion := "light", "no-preference"
	if l.Dark {
		scheme = "dark"
	}
	if l.Still {
		motion = "reduce"
	}
	features := []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: motion},
	}
	return chromedp.Steps(
		chromedp.EmulateViewport(l.Width, l.Height),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}),
		call(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: l.Zone}),
		call(emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: l.Language}),
		call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": l.Language}}),
	)
}

// call makes an action of a command of the DevTools protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// hear collects what goes wrong, and whom the page asks.
func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			p.problems = append(p.problems, "console: "+arguments(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			p.problems = append(p.problems, e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") {
			p.hosts[u.Host] = true
		}
	}
}

func exception(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text
}

func arguments(objects []*runtime.RemoteObject) string {
	words := make([]string, 0, len(objects))
	for _, object := range objects {
		words = append(words, cmp.Or(object.Description, string(object.Value)))
	}
	return strings.Join(words, " ")
}

// Problems lists errors of the page's scripts, of its policy and of its requests.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

// Hosts lists the hosts that the page has asked for anything.
func (p *Page) Hosts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	hosts := make([]string, 0, len(p.hosts))
	for host := range p.hosts {
		hosts = append(hosts, host)
	}
	return hosts
}

// Do does the actions, and fails the test if they do not come to an end.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	run(p, chromedp.Steps(actions...))
}

func run[T any](p *Page, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		value, err := chromedp.Run(ctx, action)
		if err == nil {
			return value
		}
		// A page that goes to another takes what was asked of it along: ask the next.
		if protocol := (*cdproto.Error)(nil); errors.As(err, &protocol) && protocol.Code == contextLost && ctx.Err() == nil {
			continue
		}
		p.t.Fatalf("browsertest: %v; the page's problems: %q", err, p.Problems())
	}
}

// contextLost is the code of the protocol's errors about a document that is gone.
const contextLost = -32000

// WaitFor waits until the JavaScript expression is true. It is looked at before every
// frame.
func (p *Page) WaitFor(expression string) {
	p.t.Helper()
	run(p, chromedp.Poll[bool](fmt.Sprintf("Boolean(%s)", expression), chromedp.WithPollingTimeout(patience)))
}

// WaitReady waits until the page has drawn what it shows, its map too.
func (p *Page) WaitReady() {
	p.t.Helper()
	p.WaitFor(`document.documentElement.dataset.ready === "true"`)
}

// WaitIdle waits until the map has nothing left to draw.
func (p *Page) WaitIdle() {
	p.t.Helper()
	p.WaitFor(`document.documentElement.dataset.map === "idle"`)
}

// Evaluate is the value of the JavaScript expression, as text.
func (p *Page) Evaluate(expression string) string {
	p.t.Helper()
	return run(p, chromedp.Evaluate[string](fmt.Sprintf("String(%s)", expression)))
}

// Data is a data attribute of <html>, and empty when it is not there.
func (p *Page) Data(name string) string {
	p.t.Helper()
	return p.Evaluate(fmt.Sprintf("document.documentElement.dataset[%q] ?? ''", name))
}

// Text is what the first element of the CSS selector shows.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return p.Evaluate(fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// Click clicks the first element of the CSS selector.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.WaitFor(fmt.Sprintf("document.querySelector(%q)", selector))
	p.Evaluate(fmt.Sprintf("document.querySelector(%q).click()", selector))
}

// Type writes into the field of the CSS selector, in place of what is there.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.WaitFor(fmt.Sprintf("document.querySelector(%q)", selector))
	p.Evaluate(fmt.Sprintf(`(e => { e.value = %q; e.dispatchEvent(new Event("input", { bubbles: true })) })(document.querySelector(%q))`,
		text, selector))
}

// Screenshot writes a picture of what is in the window, as PNG.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	picture := run(p, chromedp.CaptureScreenshot())
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		p.t.Fatalf("browsertest: %v", err)
	}
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		p.t.Fatalf("browsertest: %v", err)
	}
}
