using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Formats;
using Llama2.Quantization;

namespace Llama2.Tests.Formats.MetaCheckpoint;

/// <summary>
/// The files of tests/Reference/meta_checkpoint.py: one model with 2 layers, an embedding length of 64, and 16 heads that share 8 key-value heads, in
/// three folders.
/// </summary>
internal static class MetaCheckpointData
{
    public static string Path(params string[] parts) => RepositoryFiles.Committed(["tests", "data", "meta-checkpoint", .. parts]);

    public static string Folder(int shardCount) => Path($"shards-{shardCount}");

    /// <summary>Copies the files of a folder, so that a test can remove some.</summary>
    public static string CopyOf(int shardCount, TemporaryFolder destination)
    {
        string folder = Directory.CreateDirectory(destination.File("model")).FullName;
        foreach (string file in Directory.GetFiles(Folder(shardCount)))
            File.Copy(file, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file)));
        File.Copy(Path("tokenizer.model"), destination.File("tokenizer.model"));
        return folder;
    }

    /// <summary>All elements of a tensor.</summary>
    public static float[] Weights(IModelFile file, TensorDescription tensor)
    {
        byte[] bytes = new byte[tensor.ByteSize];
        file.Read(tensor, 0, bytes);
        float[] weights = new float[tensor.RowLength * tensor.RowCount];
        WeightFormats.Dequantize(tensor.Type, bytes, weights);
        return weights;
    }

    /// <summary>Tokens, and the logits after each of them, computed directly from the model's formulas in double precision.</summary>
    public static (int[] Tokens, double[] Logits) Expected()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path("logits.json")));
        return ([.. document.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())],
            [.. document.RootElement.GetProperty("logits").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(logit => logit.GetDouble())]);
    }

    public static byte[] Bytes(float[] weights) => MemoryMarshal.AsBytes(weights.AsSpan()).ToArray();

    public static async Task<float[]> Logits(IModelFile file)
    {
        using LlamaModel model = LlamaModel.Load(file, new LlamaModelOptions { ThreadCount = 1 }, null, CancellationToken.None);
        return await model.ComputeLogitsAsync(Expected().Tokens);
    }
}
