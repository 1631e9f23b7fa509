namespace Llama2.Training.Objectives;

/// <summary>Sums the rewards of a step.</summary>
internal sealed class RewardTotals
{
    private double _chosen, _rejected;
    private int _chosenCount, _rejectedCount, _pairCount, _gainCount;

    /// <summary>The estimate of the divergence; null for methods without one.</summary>
    public double? Divergence { get; set; }

    public void AddPair(double chosen, double rejected)
    {
        Add(chosen, isChosen: true);
        Add(rejected, isChosen: false);
        _pairCount++;
        _gainCount += chosen > rejected ? 1 : 0;
    }

    public void Add(double reward, bool isChosen)
    {
        if (isChosen)
        {
            _chosen += reward;
            _chosenCount++;
        }
        else
        {
            _rejected += reward;
            _rejectedCount++;
        }
    }

    /// <summary>Returns the means, and resets the sums.</summary>
    public PreferenceRewards Take()
    {
        var rewards = new PreferenceRewards(Mean(_chosen, _chosenCount), Mean(_rejected, _rejectedCount), Mean(_gainCount, _pairCount), Divergence);
        (_chosen, _rejected, Divergence) = (0, 0, null);
        (_chosenCount, _rejectedCount, _pairCount, _gainCount) = (0, 0, 0, 0);
        return rewards;
    }

    private static double? Mean(double sum, int count) => count == 0 ? null : sum / count;
}
