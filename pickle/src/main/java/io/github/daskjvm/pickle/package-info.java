/// Python's pickles as structure: what a pickle would call, with what, and what it would change then, read without
/// looking up a class or calling a function, and written again. Depends on nothing.
///
/// A value is `null` (None), a `Boolean`, `Long`, `BigInteger`, `Double`, `String`, `byte[]`, or a
/// [io.github.daskjvm.pickle.PyNode]. What a pickle has once and refers to twice is one Java object; a pickle that
/// contains itself becomes a graph that does.
@NullMarked
package io.github.daskjvm.pickle;

import org.jspecify.annotations.NullMarked;
