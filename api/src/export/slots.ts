/** Places for what may only go on so many times at once. */
export interface Slots {
  /** Takes a place; null where all are taken. What it returns gives the place back, once however often it is called. */
  take(): (() => void) | null;
}

export function createSlots(count: number): Slots {
  let taken = 0;
  return {
    take() {
      if (taken >= count) return null;
      taken += 1;
      let isHeld = true;
      return () => {
        if (isHeld) taken -= 1;
        isHeld = false;
      };
    },
  };
}
