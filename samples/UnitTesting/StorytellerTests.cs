namespace UnitTesting;

[Collection(nameof(ModelTests))]
public class StorytellerTests(ModelFixture fixture)
{
    private readonly Storyteller _storyteller = new(fixture.Model);

    [Fact]
    public async Task Tell_Hero_IsAStoryAboutHim() =>
        Assert.Contains(" dog ", await _storyteller.TellAsync("dog", seed: 1));

    [Fact]
    public async Task Tell_SameSeedInCompany_IsTheSameStory()
    {
        string? alone = await _storyteller.TellAsync("dog", seed: 7);
        string?[] together = await Task.WhenAll(Enumerable.Range(5, 4).Select(seed => _storyteller.TellAsync("dog", (ulong)seed)));

        Assert.NotNull(alone);
        Assert.Equal(alone, together[2]);
        Assert.Equal(4, together.Distinct().Count());
    }

    [Fact]
    public async Task Tell_StoryThatWouldBeCut_IsNull() =>
        Assert.Null(await _storyteller.TellAsync("dog", seed: 1, maxTokens: 10));

    // A real model cannot be made to give this answer; a scripted one can.
    [Fact]
    public async Task Tell_SpaceAtTheEnds_IsTakenOff()
    {
        var storyteller = new Storyteller(new ScriptedModel(fixture.Model.Tokenizer, " A dog ran home. \n"));

        Assert.Equal("A dog ran home.", await storyteller.TellAsync("dog", seed: 1));
    }
}
