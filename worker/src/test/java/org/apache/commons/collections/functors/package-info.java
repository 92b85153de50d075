@NullMarked
package org.apache.commons.collections.functors;

import org.jspecify.annotations.NullMarked;
