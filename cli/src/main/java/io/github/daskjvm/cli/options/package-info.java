/// What the values of command-line options mean. Bad ones are refused with an [BadOptionException] whose
/// message is a sentence for the person who typed them.
@NullMarked
package io.github.daskjvm.cli.options;

import org.jspecify.annotations.NullMarked;
