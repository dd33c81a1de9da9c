<?php
// A process of an application with PHP, which stands on the single-threaded C driver, as node-fleet.ts. A client is a set
// of options: one with the same string would share the sockets.

$spec = json_decode($argv[1], true);
$managers = [];
for ($n = 0; $n < $spec['clients']; $n++) {
    // The option tells the clients apart, and nothing else.
    $manager = new MongoDB\Driver\Manager($spec['uri'] . '&localThresholdMS=' . (15 + $n));
    $managers[] = $manager;
    if ($spec['primary'] > 0) $manager->executeQuery('fleet.one', new MongoDB\Driver\Query([]));
}
echo "ready\n";
fgets(STDIN);
