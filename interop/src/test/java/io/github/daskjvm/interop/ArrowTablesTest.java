package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.arrow.ArrowTable;
import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.worker.python.NdArray;
import io.github.daskjvm.worker.python.Table;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables of real pyarrow in Java, and Arrow tables of Java's in Python.
class ArrowTablesTest {
    private static final LocalDateTime DAY = LocalDateTime.of(2024, 2, 29, 12, 30, 15, 123_456_000);
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @TempDir
    private static Path folder;

    private static MixedCluster mixed;
    private static Client client;

    @BeforeAll
    static void bothKinds() throws Exception {
        assumeTrue(StockDask.isBesideArrow(), "stock Dask beside pyarrow is not there");
        mixed = MixedCluster.start(folder, StockDask::workerBesideArrow);
        client = mixed.client();
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (mixed != null) {
            mixed.close();
        }
    }

    /// What an expression of Python's gives, of pyarrow `pa`, pandas `pd`, `datetime` and `x`.
    private static <R> Future<R> python(String expression, Object x) {
        String function = "(lambda pa, pd, np, datetime, x: " + expression + ")";
        Future<Object> made = client.python("builtins", "eval")
                .submit("lambda x, f=" + function + ", i=__import__: "
                        + "f(i('pyarrow'), i('pandas'), i('numpy'), i('datetime'), x)");
        return client.<R>python("operator", "call").submit(made, x);
    }

    private static <R> R shown(String expression, Object x) throws Exception {
        return ArrowTablesTest.<R>python(expression, x).get();
    }

    @Test
    void aTableOfPyarrowIsTheArgumentOfAJavaTask() throws Exception {
        Future<ArrowTable> made = python("pa.table({'a': range(1_000_000), 's': ['x'] * 1_000_000})", null);
        Future<Long> sum =
                client.submit(table -> Arrays.stream(table.toTable().longs("a")).sum(), made);

        assertThat(sum.get()).isEqualTo(499_999_500_000L);
        ArrowTable table = made.get();
        assertThat(table.isBatch()).isFalse();
        assertThat(table.columnNames()).containsExactly("a", "s");
        try (var memory = new RootAllocator();
                VectorSchemaRoot vectors = table.vectors(memory)) {
            assertThat(vectors.getRowCount()).isEqualTo(1_000_000);
            assertThat(((BigIntVector) vectors.getVector("a")).get(999_999)).isEqualTo(999_999);
        }
    }

    @Test
    void itsColumnsAreArraysAndLists() throws Exception {
        Future<ArrowTable> made = python(
                "pa.table({'i': [1, 2], 'f': pa.array([1.5, None]), 'b': [True, False], 'n': pa.array([7, None]),"
                        + " 'u': pa.array([1, 255], pa.uint8()), 'm': pa.array([True, None]), 's': ['ü', None],"
                        + " 'l': pa.array(['a', None], pa.large_string()), 'y': [b'ab', None],"
                        + " 'd': [datetime.date(2024, 2, 29), None],"
                        + " 't': [datetime.datetime(2024, 2, 29, 12, 30, 15, 123456), None],"
                        + " 'z': pa.array([datetime.datetime(2024, 2, 29, 11, 30, 15, 123456), None],"
                        + " pa.timestamp('us', 'Europe/Berlin')), 'p': [datetime.timedelta(seconds=-1.5), None],"
                        + " 'c': pa.array(['x', None]).dictionary_encode(), 'w': [datetime.time(1, 2, 3), None],"
                        + " 'q': [__import__('decimal').Decimal('1.25'), None], 'h': pa.array([1.5, 2], pa.float16()),"
                        + " 'nothing': pa.nulls(2), 'v': pa.array(['long enough to be no inline', None],"
                        + " pa.string_view())})",
                null);
        Table table = made.get().toTable();

        assertThat(table.longs("i")).containsExactly(1, 2);
        assertThat(table.doubles("f")).containsExactly(1.5, Double.NaN);
        assertThat((boolean[]) table.column("b")).containsExactly(true, false);
        assertThat(table.list("n")).isEqualTo(Arrays.asList(7L, null));
        assertThat(table.column("u")).isEqualTo(new NdArray(NdArray.Type.UINT8, new int[] {2}, new byte[] {1, -1}));
        assertThat(table.list("m")).isEqualTo(Arrays.asList(true, null));
        assertThat(table.list("s")).isEqualTo(Arrays.asList("ü", null));
        assertThat(table.list("l")).isEqualTo(Arrays.asList("a", null));
        assertThat((byte[]) table.list("y").getFirst()).containsExactly('a', 'b');
        assertThat(table.list("d")).isEqualTo(Arrays.asList(LocalDate.of(2024, 2, 29), null));
        assertThat(table.list("t")).isEqualTo(Arrays.asList(DAY, null));
        assertThat(table.list("z")).isEqualTo(Arrays.asList(DAY.atZone(BERLIN), null));
        assertThat(table.list("p")).isEqualTo(Arrays.asList(Duration.ofMillis(-1500), null));
        assertThat(table.list("c")).isEqualTo(Arrays.asList("x", null));
        assertThat(table.list("w")).isEqualTo(Arrays.asList(LocalTime.of(1, 2, 3), null));
        assertThat(table.list("q")).isEqualTo(Arrays.asList(new BigDecimal("1.25"), null));
        assertThat(table.list("nothing")).isEqualTo(Arrays.asList(null, null));
        assertThat(table.list("v")).isEqualTo(Arrays.asList("long enough to be no inline", null));
        assertThat(Float.float16ToFloat(((short[]) ((NdArray) table.column("h")).values())[0]))
                .isEqualTo(1.5f);
    }

    @Test
    void whatComesInSeveralBatchesIsOneTable() throws Exception {
        Future<ArrowTable> made = python(
                "pa.concat_tables([pa.table({'a': [1, 2], 'n': pa.array([1, None])}),"
                        + " pa.table({'a': pa.array([], pa.int64()), 'n': pa.array([], pa.int64())}),"
                        + " pa.table({'a': [3], 'n': [4]})])",
                null);

        assertThat(made.get().toTable().longs("a")).containsExactly(1, 2, 3);
        assertThat(made.get().toTable().list("n")).isEqualTo(Arrays.asList(1L, null, 4L));
        assertThat(ArrowTablesTest.<ArrowTable>python("pa.table({'a': pa.array([], pa.int64())})", null)
                        .get()
                        .toTable()
                        .rows())
                .isZero();
    }

    static Table javaTable() {
        Map<String, Object> columns = new LinkedHashMap<>();
        columns.put("i", new long[] {1, 2});
        columns.put("f", new double[] {1.5, Double.NaN});
        columns.put("b", new boolean[] {true, false});
        columns.put("u", new NdArray(NdArray.Type.UINT16, new int[] {2}, new short[] {1, -1}));
        columns.put("s", Arrays.asList("ü", null));
        columns.put("n", Arrays.asList(7L, null));
        columns.put("m", Arrays.asList(true, null));
        columns.put("t", Arrays.asList(DAY, null));
        columns.put("z", Arrays.asList(DAY.atZone(BERLIN), null));
        columns.put("e", Arrays.asList(DAY.plusNanos(1), null));
        columns.put("d", Arrays.asList(LocalDate.of(2024, 2, 29), null));
        columns.put("p", Arrays.asList(Duration.ofMillis(-1500), null));
        columns.put("w", Arrays.asList(LocalTime.of(1, 2, 3), null));
        columns.put("q", Arrays.asList(new BigDecimal("1.25"), new BigDecimal("100.5")));
        columns.put("y", Arrays.asList("ab".getBytes(StandardCharsets.UTF_8), null));
        columns.put("x", Arrays.asList(null, null));
        return new Table(columns, List.of("one", "two"), "label");
    }

    @Test
    void aTableOfJavasIsOneOfPyarrow() throws Exception {
        Future<ArrowTable> table = client.submit(() -> ArrowTable.of(javaTable()));

        assertThat(ArrowTablesTest.<String>shown("type(x).__module__ + '.' + type(x).__name__", table))
                .isEqualTo("pyarrow.lib.Table");
        assertThat(ArrowTablesTest.<String>shown("' '.join(f'{f.name}:{f.type}' for f in x.schema)", table))
                .isEqualTo("i:int64 f:double b:bool u:uint16 s:string n:int64 m:bool t:timestamp[us]"
                        + " z:timestamp[us, tz=Europe/Berlin] e:timestamp[ns] d:date32[day] p:duration[us]"
                        + " w:time64[us] q:decimal128(5, 2) y:binary x:null label:string");
        assertThat(ArrowTablesTest.<Boolean>shown("x.validate(full=True) is None", table))
                .isTrue();
        assertThat(ArrowTablesTest.<String>shown("str(x.select(list('ibusnmdq')).to_pylist())", table))
                .isEqualTo("[{'i': 1, 'b': True, 'u': 1, 's': 'ü', 'n': 7, 'm': True,"
                        + " 'd': datetime.date(2024, 2, 29), 'q': Decimal('1.25')},"
                        + " {'i': 2, 'b': False, 'u': 65535, 's': None, 'n': None, 'm': None, 'd': None,"
                        + " 'q': Decimal('100.50')}]");
        assertThat(ArrowTablesTest.<String>shown("str(x.select(list('tzpwy')).to_pylist()[0])", table))
                .isEqualTo("{'t': datetime.datetime(2024, 2, 29, 12, 30, 15, 123456), 'z': datetime.datetime(2024, 2,"
                        + " 29, 12, 30, 15, 123456, tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin')), 'p':"
                        + " datetime.timedelta(days=-1, seconds=86398, microseconds=500000), 'w':"
                        + " datetime.time(1, 2, 3), 'y': b'ab'}");
        assertThat(ArrowTablesTest.<String>shown("x.to_pandas().index.name + ''.join(x.to_pandas().index)", table))
                .isEqualTo("labelonetwo");
    }

    @Test
    void aTableThereAndBackIsTheSame() throws Exception {
        Future<ArrowTable> table = client.submit(() -> ArrowTable.of(javaTable()));
        Table back = ArrowTablesTest.<ArrowTable>shown("x.slice(0)", table).toTable();

        assertThat(back.index()).isEqualTo(List.of("one", "two"));
        assertThat(back.indexName()).isEqualTo("label");
        assertThat(back.columns())
                .usingRecursiveComparison()
                .withComparatorForType(Double::compare, Double.class)
                .withComparatorForType(BigDecimal::compareTo, BigDecimal.class)
                .isEqualTo(javaTable().columns());
        Table frame = ArrowTablesTest.<ArrowTable>shown(
                        "pa.Table.from_pandas(pd.DataFrame({'a': [1, 2]}, index=['r', 's']))", null)
                .toTable();
        assertThat(frame.index()).isEqualTo(List.of("r", "s"));
        assertThat(frame.columns()).containsOnlyKeys("a");
    }

    static ArrowTable javaBatch() {
        try (var memory = new RootAllocator();
                var numbers = new BigIntVector("n", memory)) {
            numbers.allocateNew(3);
            for (int i = 0; i < 3; i++) {
                numbers.set(i, i);
            }
            numbers.setValueCount(3);
            return ArrowTable.batchOf(VectorSchemaRoot.of(numbers));
        }
    }

    @Test
    void recordBatchesCrossAsSuch() throws Exception {
        Future<ArrowTable> batch = client.submit(ArrowTablesTest::javaBatch);
        assertThat(ArrowTablesTest.<String>shown("type(x).__name__ + str(x.to_pydict())", batch))
                .isEqualTo("RecordBatch{'n': [0, 1, 2]}");

        ArrowTable back = ArrowTablesTest.<ArrowTable>shown("x.slice(1)", batch);
        assertThat(back.isBatch()).isTrue();
        assertThat(back.toTable().longs("n")).containsExactly(1, 2);
        Future<ArrowTable> again = client.submit(table -> table, ArrowTablesTest.<ArrowTable>python("x", batch));
        assertThat(ArrowTablesTest.<Long>shown("x.num_rows", again)).isEqualTo(3);
    }

    @Test
    void aTableMayBeAnArgumentOfPythonsJava() throws Exception {
        String path = Path.of("../python").toAbsolutePath().toString();
        String call = "__import__('sys').path.append('" + path + "') or __import__('dask_jvm').java("
                + "'io.github.daskjvm.arrow.ArrowTable::columnNames')(x).result()";

        assertThat(ArrowTablesTest.<List<String>>shown(call.replace("(x)", "(pa.table({'a': [1], 'b': [2]}))"), null))
                .containsExactly("a", "b");
    }

    @Test
    void tablesCrossInsideListsAndMaps() throws Exception {
        Future<Map<String, Object>> map =
                client.submit(() -> Map.of("table", ArrowTable.of(new Table(Map.of("a", new long[] {1, 2}))), "n", 3));
        assertThat(ArrowTablesTest.<Long>shown("x['table'].num_rows + x['n']", map))
                .isEqualTo(5);

        List<ArrowTable> tables = ArrowTablesTest.<List<ArrowTable>>python(
                        "[pa.table({'a': [1]}), pa.table({'a': [2]})]", null)
                .get();
        assertThat(tables.getLast().toTable().longs("a")).containsExactly(2);
    }

    @Test
    void columnsOfDataFramesThatArePyarrowsAreLists() throws Exception {
        Table frame = ArrowTablesTest.<Table>shown(
                "pd.DataFrame({'s': pd.array(['ü', None, 'abc'], 'string[pyarrow]'),"
                        + " 'i': pd.array([1, None, 3], 'int32[pyarrow]'), 'f': pd.array([1, 2, 3], 'double[pyarrow]'),"
                        + " 'b': pd.array([True, None, False], 'bool[pyarrow]'), 't':"
                        + " pd.array([pd.Timestamp('2024-02-29T12:30:15.123456')] * 3, 'timestamp[ns][pyarrow]')},"
                        + " index=pd.Index(pd.array(['x', 'y', 'z'], 'string[pyarrow]')))[1:]",
                null);

        assertThat(frame.list("s")).isEqualTo(Arrays.asList(null, "abc"));
        assertThat(frame.list("i")).isEqualTo(Arrays.asList(null, 3));
        assertThat(frame.list("f")).isEqualTo(List.of(2.0, 3.0));
        assertThat(frame.list("b")).isEqualTo(Arrays.asList(null, false));
        assertThat(frame.list("t")).isEqualTo(List.of(DAY, DAY));
        assertThat(frame.index()).isEqualTo(List.of("y", "z"));
        Table parts = ArrowTablesTest.<Table>shown(
                "pd.concat([pd.DataFrame({'s': pd.array([w], 'string[pyarrow]')}) for w in 'ab'])", null);
        assertThat(parts.list("s")).isEqualTo(List.of("a", "b"));
        assertThatThrownBy(() ->
                        shown("pd.DataFrame({'d': pd.Series([[1]], dtype=pd.ArrowDtype(pa.list_(pa.int64())))})", null))
                .rootCause()
                .hasMessageContaining("of Python has no counterpart in a table of Java");
    }

    @Test
    void whatHasNoCounterpartIsNamed() throws Exception {
        ArrowTable nested = ArrowTablesTest.<ArrowTable>shown("pa.table({'deep': [[1], [2]]})", null);

        assertThat(nested.columnNames()).containsExactly("deep");
        assertThatThrownBy(nested::toTable)
                .hasMessageStartingWith("the column deep is of Arrow's type List, which a table of Java has not");
        assertThatThrownBy(() -> shown("pa.array([1])", null)).rootCause().hasMessageContaining("pyarrow.lib.");
        assertThatThrownBy(() -> ArrowTable.of(new Table(Map.of("z", NdArray.ofComplex(new double[2], 1)))))
                .hasMessage("the column z is of COMPLEX128, for which Arrow has no type; make numbers, strings or"
                        + " times of it");
        assertThatThrownBy(() -> ArrowTable.of(new Table(Map.of("o", List.of("text", 1)))))
                .hasMessageContaining("the column o begins with a java.lang.String and has values of other types");
    }
}
