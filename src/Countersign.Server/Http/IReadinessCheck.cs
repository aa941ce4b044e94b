namespace Countersign.Server.Http;

/// <summary>Says what keeps this node from serving. Joined by slices that need something outside of it.</summary>
internal interface IReadinessCheck
{
    /// <summary>Sentences for an operator; empty when all is well.</summary>
    IEnumerable<string> Reasons();
}
