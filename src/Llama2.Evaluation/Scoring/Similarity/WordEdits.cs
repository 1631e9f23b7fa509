using System.Runtime.InteropServices;

namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// The least number of words to insert, delete and substitute (Levenshtein 1966), searched near the diagonal only, as sacrebleu's TER does: long texts of
/// very different order can have a smaller distance than the one that is found.
/// </summary>
/// <param name="reference">The words of the reference.</param>
internal sealed class WordEdits(string[] reference)
{
    private const int BeamWidth = 25;
    private const int Infinity = int.MaxValue / 2;

    /// <summary>The distance of an answer, and the steps that turn it into the reference.</summary>
    public (int Distance, EditStep[] Steps) Measure(string[] answer)
    {
        Row[] rows = Fill(answer);
        List<EditStep> steps = [];
        for (int i = answer.Length, j = reference.Length; i > 0 || j > 0;)
        {
            EditStep step = rows[i].StepAt(j);
            steps.Add(step);
            i -= step == EditStep.Insert ? 0 : 1;
            j -= step == EditStep.Delete ? 0 : 1;
        }

        steps.Reverse();
        return (rows[^1].CostAt(reference.Length), [.. steps]);
    }

    /// <summary>The distance of an answer.</summary>
    public int Distance(string[] answer) => Fill(answer)[^1].CostAt(reference.Length);

    private Row[] Fill(string[] answer)
    {
        double ratio = answer.Length > 0 ? (double)reference.Length / answer.Length : 1;
        int beam = ratio / 2 > BeamWidth ? (int)Math.Ceiling((ratio / 2) + BeamWidth) : BeamWidth;
        var rows = new Row[answer.Length + 1];
        rows[0] = new Row(0, reference.Length + 1);
        for (int j = 0; j <= reference.Length; j++)
            rows[0].Set(j, j, EditStep.Insert);
        for (int i = 1; i <= answer.Length; i++)
        {
            int diagonal = (int)Math.Floor(i * ratio), first = Math.Max(0, diagonal - beam);
            int end = i == answer.Length ? reference.Length + 1 : Math.Min(reference.Length + 1, diagonal + beam);
            rows[i] = new Row(first, Math.Max(end - first, 0));
            for (int j = first; j < end; j++)
                FillCell(rows[i], rows[i - 1], j, j > 0 && answer[i - 1] == reference[j - 1]);
        }

        return rows;
    }

    // Among steps with equal costs, the first one is chosen.
    private static void FillCell(Row row, Row previous, int j, bool isSame)
    {
        if (j == 0)
        {
            row.Set(0, previous.CostAt(0) + 1, EditStep.Delete);
            return;
        }

        (int Cost, EditStep Step) best = (Infinity, EditStep.None);
        ReadOnlySpan<(int Cost, EditStep Step)> choices =
        [
            (previous.CostAt(j - 1) + (isSame ? 0 : 1), isSame ? EditStep.Keep : EditStep.Substitute),
            (previous.CostAt(j) + 1, EditStep.Delete),
            (row.CostAt(j - 1) + 1, EditStep.Insert),
        ];
        foreach ((int Cost, EditStep Step) choice in choices)
        {
            if (choice.Cost < best.Cost)
                best = choice;
        }

        row.Set(j, best.Cost, best.Step);
    }

    /// <summary>The part of a row of the table that is near the diagonal.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly struct Row(int first, int length)
    {
        private readonly int[] _costs = new int[length];
        private readonly EditStep[] _steps = new EditStep[length];

        public int CostAt(int j) => j >= first && j < first + length && _steps[j - first] != EditStep.None ? _costs[j - first] : Infinity;

        public EditStep StepAt(int j) => _steps[j - first];

        public void Set(int j, int cost, EditStep step) => (_costs[j - first], _steps[j - first]) = (cost, step);
    }
}
