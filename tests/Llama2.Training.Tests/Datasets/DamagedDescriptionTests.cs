using System.Text;
using Llama2.Fuzz;
using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>Damaged descriptions of data sets are read, or refused with a <see cref="TrainingDataException"/>; there is no other exception.</summary>
public sealed class DamagedDescriptionTests : IDisposable
{
    private const int AttemptCount = 500;
    private const long MaxAllocatedByteSize = 16 << 20;

    // Pieces that have a meaning here, because changed bytes alone would seldom produce them.
    private static readonly string[] s_words =
    [
        "null", "true", "false", "0", "-1", "1e999", "99999999999", "{}", "[]", "\\ud800", "\\u0000", "\"", ",", ":", new string('[', 70), "\"columns\":{", "\"tags\":{", "\"file_name\":", "\"data.json\"", "\".\"",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"a":{"file_name":"data.json","formatting":"sharegpt","columns":{"messages":"talk","system":"role"},"tags":{"role_tag":"who","content_tag":"says","user_tag":"guest","assistant_tag":"captain"}}}""")]
    [InlineData("""{"b":{"hf_hub_url":"x/y"},"a":{"file_name":"data.json","columns":{"prompt":"instruction","response":"output"},"num_samples":1}}""")]
    public void Load_DamagedDescription_IsReadOrRefused(string description)
    {
        File.WriteAllText(_folder.File("data.json"), """[{"talk":[{"who":"guest","says":"Cat?"},{"who":"captain","says":"Meow."}],"role":"Be brief.","instruction":"Cat?","output":"Meow."}]""");
        string path = _folder.File("dataset_info.json");
        var tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));
        var mutator = new Mutator(seed: 1, s_words);
        int readCount = 0;

        for (int attempt = 0; attempt <= AttemptCount; attempt++)
        {
            byte[] damaged = attempt == 0 ? Encoding.UTF8.GetBytes(description) : mutator.Mutate([Encoding.UTF8.GetBytes(description)], seedCount: 1);
            File.WriteAllBytes(path, damaged);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                readCount += TrainingDataset.Load($"{path}#a", tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 }).Count;
            }
            catch (TrainingDataException)
            {
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{exception.GetType().Name} for {Convert.ToHexString(damaged)}: {Encoding.UTF8.GetString(damaged)}", exception);
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(MaxAllocatedByteSize);
        }

        readCount.Should().BeGreaterThan(1, "damage does not always matter");
    }
}
