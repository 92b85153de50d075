/// Ways to write values, compared.
@NullMarked
package io.github.daskjvm.lab.serializers;

import org.jspecify.annotations.NullMarked;
