package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.Future;
import io.github.daskjvm.worker.python.NdArray;
import io.github.daskjvm.worker.python.Table;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Data frames of real pandas as tables in Java, and tables as data frames.
class PythonTablesTest extends MixedFixture {
    private static final LocalDateTime DAY = LocalDateTime.of(2024, 2, 29, 12, 30, 15, 123_456_000);

    /// What an expression of Python's gives, of pandas `pd`, NumPy `np` and `x`.
    private static <R> Future<R> python(String expression, Object x) {
        String function = "(lambda pd, np, x: " + expression + ")";
        Future<Object> made = client.python("builtins", "eval")
                .submit("lambda x, f=" + function + ": f(__import__('pandas'), __import__('numpy'), x)");
        return client.<R>python("operator", "call").submit(made, x);
    }

    private static Table table(String expression) throws Exception {
        return PythonTablesTest.<Table>python(expression, null).get();
    }

    @Test
    void columnsOfNumbersAreArrays() throws Exception {
        Table table = table("pd.DataFrame({'i': [1, 2], 'f': [1.5, np.nan], 'j': [3, 4], 'b': [True, False],"
                + " 'u': np.array([1, 255], 'u1'), 's': np.array([1, 2], 'f4')})");

        assertThat(table.columns().keySet()).containsExactly("i", "f", "j", "b", "u", "s");
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.longs("i")).containsExactly(1, 2);
        assertThat(table.longs("j")).containsExactly(3, 4);
        assertThat(table.doubles("f")).containsExactly(1.5, Double.NaN);
        assertThat((boolean[]) table.column("b")).containsExactly(true, false);
        assertThat((float[]) table.column("s")).containsExactly(1, 2);
        assertThat(table.column("u")).isEqualTo(new NdArray(NdArray.Type.UINT8, new int[] {2}, new byte[] {1, -1}));
        assertThat(table.index()).isNull();
        assertThatThrownBy(() -> table.column("x")).hasMessage("no column x in [i, f, j, b, u, s]");
    }

    @Test
    void stringsTimesAndCategoriesAreLists() throws Exception {
        Table table = table("pd.DataFrame({'s': ['a', None], 'p': ['b', np.nan],"
                + " 't': pd.to_datetime(['2024-02-29T12:30:15.123456', None]),"
                + " 'z': pd.to_datetime(['2024-02-29T11:30:15.123456', None]).tz_localize('UTC')"
                + ".tz_convert('Europe/Berlin'), 'd': pd.to_timedelta([-1.5, None], 's'),"
                + " 'c': pd.Categorical(['x', None], ['y', 'x']), 'k': pd.array([7, None], 'Int64'),"
                + " 'q': pd.array(['w', None], 'string'), 'm': pd.array([True, None], 'boolean')})");

        assertThat(table.list("s")).isEqualTo(Arrays.asList("a", null));
        assertThat(table.list("p")).isEqualTo(Arrays.asList("b", null));
        assertThat(table.list("t")).isEqualTo(Arrays.asList(DAY, null));
        assertThat(table.list("z")).isEqualTo(Arrays.asList(DAY.atZone(ZoneId.of("Europe/Berlin")), null));
        assertThat(table.list("d")).isEqualTo(Arrays.asList(Duration.ofMillis(-1500), null));
        assertThat(table.list("c")).isEqualTo(Arrays.asList("x", null));
        assertThat(table.list("k")).isEqualTo(Arrays.asList(7L, null));
        assertThat(table.list("q")).isEqualTo(Arrays.asList("w", null));
        assertThat(table.list("m")).isEqualTo(Arrays.asList(true, null));
    }

    @Test
    void theIndexComesAlong() throws Exception {
        Table numbered = table("pd.DataFrame({'a': [1, 2]}, index=pd.Index([10, 20], name='id'))");
        assertThat((long[]) numbered.index()).containsExactly(10, 20);
        assertThat(numbered.indexName()).isEqualTo("id");
        assertThat(table("pd.DataFrame({'a': [1]}, index=['row'])").index()).isEqualTo(List.of("row"));
        assertThat(table("pd.DataFrame({'a': [1]}, index=pd.DatetimeIndex(['2024-01-01']))")
                        .index())
                .isEqualTo(List.of(LocalDateTime.of(2024, 1, 1, 0, 0)));
        assertThat((long[]) table("pd.DataFrame({'a': range(9)})[2::3]").index())
                .containsExactly(2, 5, 8);
    }

    @Test
    void framesThatWereComputedAndSeriesAreReadToo() throws Exception {
        Table sums = table("pd.DataFrame({'k': list('aba'), 'v': [1, 2, 3], 'w': [.5, 1, 2]}).groupby('k').sum()");
        assertThat(sums.longs("v")).containsExactly(4, 2);
        assertThat(sums.doubles("w")).containsExactly(2.5, 1);
        assertThat(sums.index()).isEqualTo(List.of("a", "b"));
        Table turned = table("pd.DataFrame(np.arange(6.).reshape(3, 2), columns=['a', 'b']).sort_values('a')");
        assertThat(turned.doubles("b")).containsExactly(1, 3, 5);
        assertThat(table("pd.DataFrame({'a': list('xyz'), 'b': list('uvw')}).T.iloc[:, ::2]")
                        .list("2"))
                .isEqualTo(List.of("z", "w"));
        assertThat(table("pd.Series([1.5, 2.5], name='s')").doubles("s")).containsExactly(1.5, 2.5);
        assertThat(table("pd.Series(pd.to_datetime(['2024-01-01']))").list("values"))
                .isEqualTo(List.of(LocalDateTime.of(2024, 1, 1, 0, 0)));
        assertThat(table("pd.DataFrame({'a': []})").rows()).isZero();
    }

    @Test
    void singleValuesOfPandasAreTimesAndNull() throws Exception {
        assertThat(PythonTablesTest.<Object>python("pd.Timestamp('2024-02-29T12:30:15.123456')", null)
                        .get())
                .isEqualTo(DAY);
        assertThat(PythonTablesTest.<Object>python(
                                "pd.Series(pd.to_datetime(['2024-02-29T12:30:15.123456'])"
                                        + ".tz_localize('Europe/Berlin')).max()",
                                null)
                        .get())
                .isEqualTo(DAY.atZone(ZoneId.of("Europe/Berlin")));
        assertThat(PythonTablesTest.<Object>python("[pd.Timedelta(-1.5, 's'), pd.NaT, pd.NA, 1]", null)
                        .get())
                .isEqualTo(Arrays.asList(Duration.ofMillis(-1500), null, null, 1L));
    }

    @Test
    void whatIsNoTableIsNamed() {
        assertThatThrownBy(() -> table("pd.DataFrame({'a': [1]}, index=pd.MultiIndex.from_tuples([(1, 2)]))"))
                .rootCause()
                .hasMessageContaining("a pandas index of several levels can not be read in Java");
        assertThatThrownBy(() -> table("pd.DataFrame({'a': pd.period_range('2024', periods=1, freq='D')})"))
                .rootCause()
                .hasMessageContaining("PeriodArray of Python has no counterpart in a table of Java");
        assertThatThrownBy(() -> table("pd.DataFrame({'a': [slice(1)]})"))
                .rootCause()
                .hasMessageContaining("a builtins.slice of Python has no counterpart");
    }

    static Table javaTable() {
        Map<String, Object> columns = new LinkedHashMap<>();
        columns.put("i", new long[] {1, 2});
        columns.put("f", new double[] {1.5, Double.NaN});
        columns.put("s", Arrays.asList("a", null));
        columns.put("t", Arrays.asList(DAY, null));
        columns.put("z", List.of(DAY.atZone(ZoneId.of("Europe/Berlin")), DAY.atZone(ZoneId.of("Europe/Berlin"))));
        columns.put("b", new boolean[] {true, false});
        columns.put("k", Arrays.asList(7L, null));
        columns.put("m", Arrays.asList(true, null));
        columns.put("d", List.of(Duration.ofSeconds(3), Duration.ZERO));
        return new Table(columns, List.of("x", "y"), "label");
    }

    @Test
    void tablesAreDataFrames() throws Exception {
        Future<Table> table = client.submit(PythonTablesTest::javaTable);

        assertThat(PythonTablesTest.<String>python("' '.join(map(str, x.dtypes))", table)
                        .get())
                .isEqualTo("int64 float64 object datetime64[ns] datetime64[ns, Europe/Berlin] bool Int64 boolean"
                        + " timedelta64[ns]");
        assertThat(PythonTablesTest.<String>python("x.index.name + ''.join(x.index)", table)
                        .get())
                .isEqualTo("labelxy");
        assertThat(PythonTablesTest.<Boolean>python(
                                "x.i.sum() == 3 and x.f.sum() == 1.5 and x.s.isna().sum() == 1 and str(x.t.iloc[0]) =="
                                        + " '2024-02-29 12:30:15.123456' and x.k.sum() == 7",
                                table)
                        .get())
                .isTrue();
    }

    @Test
    void aTableThereAndBackIsTheSame() throws Exception {
        Future<Table> table = client.submit(PythonTablesTest::javaTable);
        Table back = PythonTablesTest.<Table>python("x.copy()", table).get();

        assertThat(back.columns())
                .usingRecursiveComparison()
                .withComparatorForType(Double::compare, Double.class)
                .isEqualTo(javaTable().columns());
        assertThat(back.index()).isEqualTo(List.of("x", "y"));
        assertThat(back.indexName()).isEqualTo("label");
        Future<Long> rows = client.submit(t -> (long) t.rows(), PythonTablesTest.<Table>python("x[:1]", table));
        assertThat(rows.get()).isEqualTo(1);
    }
}
