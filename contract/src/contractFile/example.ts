/** The file that docs/contract.md shows; a test reads it. */
export const exampleFile = `metrics:
  - name: shop_orders_total            # a metric of your own
    kind: counter                      # counter, gauge or histogram
    unit: '{order}'                    # s, ms, By, 1, …, or what is counted in braces
    signal: traffic                    # latency, traffic, errors, saturation, voice or metadata
    labels: [outcome]                  # of the labels above, and no others
    description: Orders placed.
    aliases:                           # other names, best first; one of them counts
      - name: shop.orders
      - name: shop_orders_thousands
        factor: 1000                   # what its values are multiplied with
  - name: shop_carts
    kind: gauge
    unit: '{cart}'
    merge: sum                         # of gauges: sum, max, min or last of their streams
    signal: traffic
    labels: [quality]
    aliases:                           # with labels of their own, names are parts, and all of them count
      - { name: shop_carts_full, labels: { quality: good } }
      - { name: shop_carts_empty, labels: { quality: poor } }
  - name: http.server.request.duration # a built-in metric: what is not said stays as it is
    labels: [http.route]
    aliases:                           # heard where its own names are silent
      - name: shop_request_ms
        unit: ms                       # where the sender names none
        where: [{ key: span.kind, equals: SPAN_KIND_SERVER }]

probe_routes: [/health*, /internal/ping] # in place of the built-in list

services:                              # in place of the built-in list, in this order
  - id: http_api                       # a built-in one keeps what is not said
  - id: postgresql
    name: Orders database
  - id: shop
    name: Shop
    healthy_when: orders were reported within 3 min, and carts are open
    conditions:
      - { type: probe, probe: http, url: http://shop.internal:8080/livez } # of its own, beside COMMAND_CENTER_PROBE_*
      - { type: fresh, metric: shop_orders_total }
      - { type: above_zero, metric: shop_carts, labels: { quality: good } }
      - { type: moving, metric: shop_orders_total, while_above: shop_carts }
      - { type: threshold, threshold: API_ERROR_RATE }

valkey:
  used_for: carts and sessions
`;
