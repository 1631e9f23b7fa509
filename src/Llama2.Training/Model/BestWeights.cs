using Llama2.Training.Checkpoints;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Keeps the results of validation: the smallest loss, the weights that had this loss, and the number of evaluations since then.</summary>
/// <param name="parameters">The trained parameters; they are not disposed with this object.</param>
/// <param name="holdsWeights">Whether the weights with the smallest loss are kept; otherwise only the step with this loss is kept.</param>
internal sealed class BestWeights(IReadOnlyList<Parameter> parameters, bool holdsWeights) : IDisposable
{
    private ParameterCopy? _values;

    /// <summary>The results so far.</summary>
    public ValidationRecord Record { get; private set; } = new(EvaluatedStep: 0, BestStep: 0, BestLoss: null, StaleCount: 0);

    /// <summary>Records the loss of an evaluation. If the loss is the smallest so far, the weights are recorded too.</summary>
    /// <returns>Whether the loss is the smallest so far. A loss of NaN is never the smallest.</returns>
    public bool Add(int step, double loss)
    {
        bool isBest = loss < (Record.BestLoss ?? double.PositiveInfinity);
        Record = isBest ? new ValidationRecord(step, step, loss, StaleCount: 0) : Record with { EvaluatedStep = step, StaleCount = Record.StaleCount + 1 };
        if (isBest && holdsWeights)
        {
            _values ??= new ParameterCopy(parameters);
            _values.Take();
        }

        return isBest;
    }

    /// <summary>Restores the best values of the parameters, if there are any.</summary>
    public void Restore() => _values?.Restore();

    /// <summary>Writes the best weights to a checkpoint, or reads them from one.</summary>
    public void Exchange(ICheckpointExchange checkpoint, ValidationRecord record)
    {
        Record = record;
        if (!holdsWeights || record.BestLoss is null)
        {
            return;
        }

        _values ??= new ParameterCopy(parameters);
        for (int i = 0; i < parameters.Count; i++)
        {
            checkpoint.Exchange($"{parameters[i].Name}.best", _values[i]);
        }
    }

    public void Dispose() => _values?.Dispose();
}
