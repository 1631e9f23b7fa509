using System.Diagnostics;
using System.Globalization;
using Llama2.Tests.Chat;

namespace Llama2.Fuzz;

/// <summary>The long form of the attack on prompts, with every preset format and every chat template of a folder.</summary>
internal static class PromptCampaign
{
    private const int MaxFaultCount = 20;

    /// <summary>
    /// Attacks with a number of texts; prints the faults and the numbers of texts and prompts that were tried. Returns the number of faults, at most
    /// 20.
    /// </summary>
    /// <param name="textCount">The number of texts, each of which is put into every format.</param>
    /// <param name="folder">The folder of the chat templates, named <c>*.jinja</c>.</param>
    /// <param name="seed">The same seed gives the same texts.</param>
    public static int Run(int textCount, string folder, int seed)
    {
        Dictionary<string, PromptFormat> formats = PromptFormat.Presets.ToDictionary(format => format.Name);
        foreach (string path in Directory.EnumerateFiles(folder, "*.jinja").Order(StringComparer.Ordinal))
            formats.Add(Path.GetFileName(path), PromptFormat.ForTemplate(File.ReadAllText(path)));

        long start = Stopwatch.GetTimestamp();
        var attack = new PromptAttack(formats, seed);
        int faultCount = 0;
        foreach (string fault in attack.Run(textCount).Take(MaxFaultCount))
        {
            faultCount++;
            Console.WriteLine(fault);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{attack.TextCount:N0} texts in {formats.Count} formats, {attack.PromptCount:N0} prompts, {attack.RejectedCount:N0} of them refused, {faultCount} faults, {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s"));
        return faultCount;
    }
}
