/// The public Java API: [io.github.daskjvm.client.Client], [io.github.daskjvm.client.Future] and
/// [io.github.daskjvm.client.LocalCluster]. The one surface of the project that is kept stable.
@NullMarked
package io.github.daskjvm.client;

import org.jspecify.annotations.NullMarked;
