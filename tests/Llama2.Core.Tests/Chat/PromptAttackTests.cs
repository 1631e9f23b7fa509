namespace Llama2.Tests.Chat;

public class PromptAttackTests
{
    [Fact]
    public void Encode_HostileTextsInPresetsAndTemplates_ForgeNothing()
    {
        string[] templates = [.. TemplateTagsTests.TemplatesAndTags.Select(row => (string)row[0]).Distinct()];
        var formats = PromptFormat.Presets.ToDictionary(format => format.Name);
        foreach (string template in templates)
            formats.Add(template, PromptFormat.ForTemplate(template));
        Verify(formats, textCount: 800);
    }

    [GoldenFact]
    public void Encode_HostileTextsInPublishedTemplates_ForgeNothing() => Verify(PublishedTemplates.Read(), textCount: 800);

    private static void Verify(IReadOnlyDictionary<string, PromptFormat> formats, int textCount)
    {
        var attack = new PromptAttack(formats, seed: 5);
        attack.Run(textCount).Take(10).Should().BeEmpty();
        attack.PromptCount.Should().BeGreaterThan(textCount);
        attack.RejectedCount.Should().BePositive();
    }
}
