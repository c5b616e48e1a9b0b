package mqtt

import (
	"context"
	"hash/maphash"
	"sync"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// lanes work on messages side by side, on those of one key in order.
type lanes struct {
	ctx    context.Context //nolint:containedctx // it is the lanes' life
	cancel context.CancelFunc
	ended  chan struct{} // closed when no new message is to be begun
	once   sync.Once
	seed   maphash.Seed
	queues []chan paho.Message
	wg     sync.WaitGroup
}

// startLanes makes n lanes, each with room for a whole window: so put never waits for a slow one.
func startLanes(ctx context.Context, n, window int, work func(context.Context, paho.Message)) *lanes {
	l := &lanes{ended: make(chan struct{}), seed: maphash.MakeSeed()}
	l.ctx, l.cancel = context.WithCancel(ctx)
	for range n {
		queue := make(chan paho.Message, window)
		l.queues = append(l.queues, queue)
		l.wg.Go(func() { l.run(queue, work) })
	}
	return l
}

func (l *lanes) run(queue <-chan paho.Message, work func(context.Context, paho.Message)) {
	for {
		select {
		case <-l.ended:
			return
		default:
		}
		select {
		case m := <-queue:
			work(l.ctx, m)
		case <-l.ended:
			return
		}
	}
}

// put hands a message to the lane of its key. It waits when a sender without a window (QoS 0) has filled the lane.
func (l *lanes) put(key string, m paho.Message) {
	select {
	case l.queues[maphash.String(l.seed, key)%uint64(len(l.queues))] <- m:
	case <-l.ended:
	}
}

// stop waits until each lane has finished its message, or ctx ends: then it cuts the work off.
func (l *lanes) stop(ctx context.Context) error {
	l.once.Do(func() { close(l.ended) })
	defer l.cancel()
	done := make(chan struct{})
	go func() {
		l.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		l.cancel()
		<-done
		return ctx.Err()
	}
}
