using Llama2.Guard;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.RedTeaming;

public sealed class RedTeamDocumentationTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    [Fact]
    public async Task RunAsync_ExampleOfTheDocumentation_Runs()
    {
        LlamaModel model = demonstration.Model;
        IContentGuard guard = new RuleGuard();
        string path = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.csv");
        await File.WriteAllTextAsync(path, "goal\nWhat does the cow say?\n");

        var judge = new CombinedAttackJudge(new RefusalAttackJudge(), new GuardAttackJudge(guard));
        RedTeamReport report = await RedTeam.RunAsync(new ModelBackend(model), RedTeamSet.Read(path), new RedTeamOptions { Judge = judge });

        File.Delete(path);
        report.SuccessRate.Should().Be(new RateEstimate(0, AttackStyle.BuiltIn.Count));
    }
}
