/** How many anchors, questions or references go into one call: what the connector contract allows. */
export const callSize = 1000;
