using System.Text;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;

namespace Llama2.Tests.Conversion;

public sealed class ImportanceMatrixTests : IDisposable
{
    private const int WindowLength = 32;
    private static readonly string s_text = string.Join(' ', Enumerable.Repeat("Once upon a time there was a girl named Lily. She liked the big red ball.", 8));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CollectAsync_EveryMatrixOfEveryLayer_IsMeasuredOverEveryToken()
    {
        ImportanceMatrix matrix = await CollectAsync();

        using GgufFile file = GgufFile.Open(DemonstrationModel.Path);
        TensorDescription[] matrices = [.. file.Tensors.Where(tensor => tensor.RowCount > 1 && tensor.Name.StartsWith("blk.", StringComparison.Ordinal))];
        matrix.Count.Should().Be(matrices.Length);
        matrix.WindowCount.Should().BeGreaterThan(3);
        matrix.WindowLength.Should().Be(WindowLength);
        matrix.Datasets.Should().Equal("girl.txt");
        foreach (TensorDescription tensor in matrices)
        {
            matrix.Find(tensor).Should().HaveCount((int)tensor.RowLength).And.OnlyContain(mean => mean >= 0 && float.IsFinite(mean)).And.Contain(mean => mean > 0);
        }

        // Matrices that are multiplied with the same input have the same importances.
        Means("blk.0.attn_q.weight").Should().Equal(Means("blk.0.attn_v.weight"));
        Means("blk.0.ffn_gate.weight").Should().Equal(Means("blk.0.ffn_up.weight")).And.NotEqual(Means("blk.0.attn_q.weight"));

        float[] Means(string name) => matrix.Find(matrices.Single(tensor => tensor.Name == name))!;
    }

    [Fact]
    public async Task CollectAsync_FirstMatrices_HaveTheMeanSquaresOfTheNormalizedEmbeddings()
    {
        ImportanceMatrix matrix = await CollectAsync();

        using GgufFile file = GgufFile.Open(DemonstrationModel.Path);
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        TensorDescription query = file.Tensors.Single(tensor => tensor.Name == "blk.0.attn_q.weight");
        float[] embeddings = Weights(file, "token_embd.weight"), norm = Weights(file, "blk.0.attn_norm.weight");
        int width = norm.Length;
        int[] tokens = model.Tokenizer.Encode(s_text, addBeginOfSequence: true);
        double[] sums = new double[width];
        int count = matrix.WindowCount * WindowLength;
        for (int i = 0; i < count; i++)
        {
            int token = i % WindowLength == 0 ? model.Tokenizer.BeginOfSequenceId : tokens[i];
            ReadOnlySpan<float> embedding = embeddings.AsSpan(token * width, width);
            double square = 0;
            foreach (float value in embedding)
                square += (double)value * value;
            double scale = 1 / Math.Sqrt(square / width + model.Configuration.RmsNormEpsilon);
            for (int column = 0; column < width; column++)
                sums[column] += Math.Pow(embedding[column] * scale * norm[column], 2);
        }

        float[] means = matrix.Find(query)!;
        for (int column = 0; column < width; column++)
            means[column].Should().BeApproximately((float)(sums[column] / count), 1e-5f * (float)(sums[column] / count) + 1e-12f);
    }

    [Fact]
    public async Task CollectAsync_AnyNumberOfThreads_GivesTheSameBits()
    {
        (await CollectAsync(threadCount: 1)).Save(_folder.File("1.gguf"));
        (await CollectAsync(threadCount: 3)).Save(_folder.File("3.gguf"));

        File.ReadAllBytes(_folder.File("3.gguf")).Should().Equal(File.ReadAllBytes(_folder.File("1.gguf")));
    }

    [Fact]
    public async Task CollectAsync_Output_IsMeasuredWhereAsked()
    {
        ImportanceMatrix matrix = await ImportanceMatrixCollector.CollectAsync(
            DemonstrationModel.Path, s_text, new ImportanceMatrixOptions { WindowLength = WindowLength, MaxWindowCount = 1, IncludeOutput = true });

        using GgufFile file = GgufFile.Open(DemonstrationModel.Path);
        string name = file.TryGetTensor("output.weight", out _) ? "output.weight" : "token_embd.weight";
        matrix.Find(file.Tensors.Single(tensor => tensor.Name == name)).Should().NotBeNull();
        matrix.WindowCount.Should().Be(1);
    }

    [Fact]
    public async Task CollectAsync_ShortText_SaysHowShort()
        => (await FluentActions.Awaiting(() => ImportanceMatrixCollector.CollectAsync(DemonstrationModel.Path, "Once upon a time")).Should().ThrowAsync<ArgumentException>())
            .WithMessage("*tokens, fewer than one window of 512*");

    [Fact]
    public async Task CollectAsync_Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Progress(_ => stop.Cancel());

        await FluentActions.Awaiting(() => ImportanceMatrixCollector.CollectAsync(
            DemonstrationModel.Path, s_text, new ImportanceMatrixOptions { WindowLength = WindowLength }, progress, stop.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Save_ThenLoad_LosesNothing()
    {
        ImportanceMatrix matrix = await CollectAsync();

        matrix.Save(_folder.File("matrix.gguf"));
        ImportanceMatrix loaded = ImportanceMatrix.Load(_folder.File("matrix.gguf"));

        (loaded.Count, loaded.WindowCount, loaded.WindowLength).Should().Be((matrix.Count, matrix.WindowCount, matrix.WindowLength));
        loaded.Datasets.Should().Equal(matrix.Datasets);
        using GgufFile model = GgufFile.Open(DemonstrationModel.Path), file = GgufFile.Open(_folder.File("matrix.gguf"));
        foreach (TensorDescription tensor in model.Tensors)
        {
            loaded.Find(tensor).Should().Equal(matrix.Find(tensor));
        }

        // The names that llama-quantize looks for.
        file.Metadata["general.type"].Should().Be("imatrix");
        file.Metadata.Keys.Should().Contain(["imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"]);
        file.Tensors.Should().Contain(tensor => tensor.Name == "blk.0.ffn_down.weight.in_sum2").And.Contain(tensor => tensor.Name == "blk.0.ffn_down.weight.counts");
    }

    [Fact]
    public void Load_LegacyFile_GivesSumsOverCalls()
    {
        File.WriteAllBytes(_folder.File("matrix.dat"), Legacy(("blk.0.attn_q.weight", 4, [2, 0, 8]), ("blk.1.attn_q.weight", 0, [1, 2, 3])));

        ImportanceMatrix matrix = ImportanceMatrix.Load(_folder.File("matrix.dat"));

        matrix.Count.Should().Be(2);
        matrix.WindowCount.Should().Be(7);
        matrix.Datasets.Should().Equal("wiki.txt");
        matrix.Find(Tensor("blk.0.attn_q.weight", 3)).Should().Equal(0.5f, 0, 2);
        // If no number of calls is stored, the values are means, as in llama.cpp.
        matrix.Find(Tensor("blk.1.attn_q.weight", 3)).Should().Equal(1, 2, 3);
        matrix.Find(Tensor("blk.2.attn_q.weight", 3)).Should().BeNull();
        FluentActions.Invoking(() => matrix.Find(Tensor("blk.0.attn_q.weight", 4))).Should().Throw<ModelFormatException>().WithMessage("*belongs to another model*");
    }

    [Fact]
    public void Load_LegacyFileCutAnywhere_IsRefused()
    {
        byte[] whole = Legacy(("blk.0.attn_q.weight", 4, [2, 0, 8]), ("blk.1.attn_q.weight", 2, [1, 2, 3]));
        int end = whole.Length - 16; // The data after the entries may be missing.
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_folder.File("matrix.dat"), whole[..length]);
            if (length != end)
            {
                FluentActions.Invoking(() => ImportanceMatrix.Load(_folder.File("matrix.dat"))).Should().Throw<ModelFormatException>($"of {length} bytes");
            }
        }
    }

    [Fact]
    public void Load_LegacyFileWithANameInLatin1_IsRefusedAtItsPlace()
    {
        byte[] bytes = Legacy(("blk.0.attn_q.weight", 4, [2, 0, 8]));
        bytes[8 + 3] = 0xE9;
        File.WriteAllBytes(_folder.File("matrix.dat"), bytes);

        FluentActions.Invoking(() => ImportanceMatrix.Load(_folder.File("matrix.dat"))).Should().Throw<ModelFormatException>().WithMessage("*byte 11: name is the byte 0xE9*");
    }

    // llama.cpp divides the values by the number of calls, or uses them unchanged if that number is 0.
    [Fact]
    public void Load_LegacyFileWithACountOf0_TakesItsValuesForMeans()
    {
        File.WriteAllBytes(_folder.File("matrix.dat"), Legacy(("a", 0, [3, 5]), ("b", 2, [3, 5]), ("c", 0, [])));

        ImatrixFile file = ImatrixFile.Read(_folder.File("matrix.dat"));

        file.Columns.Select(columns => columns.Name).Should().Equal("a", "b");
        file.Columns[0].Means().Should().Equal(3, 5);
        file.Columns[1].Means().Should().Equal(1.5f, 2.5f);
    }

    [Fact]
    public void Load_LegacyFileWithWrongNumbers_IsRefused()
    {
        Refuse(Legacy(("a", 1, [float.NaN])), "*finite*");
        Refuse(Legacy(("a", 1, [-1])), "*negative*");
        Refuse(Legacy(("a", 1, [1]), ("a", 1, [1])), "*two entries*");
        Refuse([0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3, 4], "*entry count*");
        Refuse([1, 0, 0, 0, 4, 0, 0, 0, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 1, 0, 0, 0, 0xFF, 0xFF, 0x0F, 0], "*cut short*");

        void Refuse(byte[] bytes, string message)
        {
            File.WriteAllBytes(_folder.File("matrix.dat"), bytes);
            FluentActions.Invoking(() => ImportanceMatrix.Load(_folder.File("matrix.dat"))).Should().Throw<ModelFormatException>().WithMessage(message);
        }
    }

    [Fact]
    public void Load_Model_IsRefused()
        => FluentActions.Invoking(() => ImportanceMatrix.Load(DemonstrationModel.Path)).Should().Throw<ModelFormatException>().WithMessage("*general.type*");

    [Fact]
    public void Load_SumsWithoutTheirCount_AreRefused()
    {
        using (var writer = new GgufWriter(_folder.File("matrix.gguf")))
        {
            writer.Add("general.type", "imatrix");
            writer.AddTensor("blk.0.attn_q.weight.in_sum2", GgmlType.F32, 2, 1);
            writer.Write(new byte[8]);
            writer.EndTensor();
            writer.Complete();
        }

        FluentActions.Invoking(() => ImportanceMatrix.Load(_folder.File("matrix.gguf"))).Should().Throw<ModelFormatException>().WithMessage("*counts*absent*");
    }

    private static Task<ImportanceMatrix> CollectAsync(int? threadCount = null)
        => ImportanceMatrixCollector.CollectAsync(DemonstrationModel.Path, s_text, new ImportanceMatrixOptions { WindowLength = WindowLength, Dataset = "girl.txt", ThreadCount = threadCount });

    private static TensorDescription Tensor(string name, int rowLength) => new(name, GgmlType.F32, [rowLength, 2], 0, 0);

    private static float[] Weights(GgufFile file, string name)
    {
        TensorDescription tensor = file.Tensors.Single(tensor => tensor.Name == name);
        byte[] bytes = new byte[tensor.ByteSize];
        file.Read(tensor, 0, bytes);
        float[] weights = new float[tensor.RowLength * tensor.RowCount];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        return weights;
    }

    private static byte[] Legacy(params (string Name, int CallCount, float[] Values)[] entries)
    {
        var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        writer.Write(entries.Length);
        foreach ((string name, int callCount, float[] values) in entries)
        {
            writer.Write(name.Length);
            writer.Write(Encoding.ASCII.GetBytes(name));
            writer.Write(callCount);
            writer.Write(values.Length);
            Array.ForEach(values, writer.Write);
        }

        writer.Write(7);
        writer.Write(8);
        writer.Write("wiki.txt"u8);
        return stream.ToArray();
    }

    private sealed class Progress(Action<double> onReport) : IProgress<double>
    {
        public void Report(double value) => onReport(value);
    }
}
