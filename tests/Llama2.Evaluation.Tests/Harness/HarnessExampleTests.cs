using Llama2.Tests;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Harness;

public sealed class HarnessExampleTests
{
    // docs/evaluation.md shows this code.
    [SharedDataFact("lm-eval-tasks")]
    public void Example_OfTheDocumentation_ChoosesTheTask()
    {
        string files = SharedDataFactAttribute.PathOf("lm-eval-tasks"), folder = RepositoryFiles.Root;
        HarnessTasks tasks = HarnessTasks.Load(files, DataFolder.Open(folder), new HarnessTaskOptions { FewShotCount = 25 });
        EvaluationTaskSet set = tasks.Select("arc_challenge");

        set.Tasks.Should().ContainSingle().Which.Info.FewShotCount.Should().Be(25);
    }
}
